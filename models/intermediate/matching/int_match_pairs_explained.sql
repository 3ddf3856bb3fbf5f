{% set comparisons = match_comparisons() %}
with

scored as (select * from {{ ref('int_match_pairs_scored') }}),

judged as (select * from {{ ref('int_match_pairs_judged') }}),

final as (
    select
        -- keys
        scored.record_key,
        scored.other_record_key,

        -- attributes
        judged.verdict,
        case
            when scored.first_name_level = 6 or scored.han_name_level = 3 then 'equal'
            when scored.first_name_level = 5 or scored.han_name_level = 2 then 'swapped'
            when scored.first_name_level = 0 or scored.han_name_level = 0 then 'different'
            when coalesce(scored.first_name_level, scored.han_name_level) is null then 'unknown'
            else 'near'
        end as first_name_level,
        case
            when scored.birth_date_level is null then 'unknown'
            when scored.birth_date_level = 5 then 'equal'
            when scored.birth_date_level <= 1 then 'different'
            else 'near'
        end as birth_date_level,
        concat_ws(
            ', ',
            {% for comparison in comparisons %}
                '{{ comparison.name | replace('_', ' ') }} '
                || case scored.{{ comparison.name }}_level
                    {% for level in comparison.levels %}
                        when {{ comparison.levels | length - loop.index }}
                            then '{{ level.name | replace('_', ' ') }}'
                    {% endfor %}
                end
                || case when scored.{{ comparison.name }}_weight < -0.05 then ' ' else ' +' end
                -- tenths of a bit, rounded alike on every engine
                || cast(cast(
                    cast(floor(scored.{{ comparison.name }}_weight * 10 + 0.5) as decimal(18, 0))
                    * cast(0.1 as decimal(18, 1)) as decimal(18, 1)
                ) as string),
            {% endfor %}
            cast(null as string)
        ) as score_levels,

        -- measures
        scored.match_weight,
        scored.match_probability,

        -- flags
        judged.personal_weight > 0 as has_personal_evidence,
        coalesce(scored.first_name_level >= 5 or scored.han_name_level >= 2, false)
        and coalesce(scored.birth_date_level >= 4, false) as agrees_fully
    from scored
    inner join judged
        on
            scored.record_key = judged.record_key
            and scored.other_record_key = judged.other_record_key
)

select * from final
