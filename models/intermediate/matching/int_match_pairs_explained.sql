{% set comparisons = match_comparisons() %}
with

scored as (select * from {{ ref('int_match_pairs_scored') }}),

final as (
    select
        -- keys
        record_key,
        other_record_key,

        -- attributes
        verdict,
        case
            when first_name_level = 6 or han_name_level = 3 then 'equal'
            when first_name_level = 5 or han_name_level = 2 then 'swapped'
            when first_name_level = 0 or han_name_level = 0 then 'different'
            when coalesce(first_name_level, han_name_level) is null then 'unknown'
            else 'near'
        end as first_name_level,
        case
            when birth_date_level is null then 'unknown'
            when birth_date_level = 5 then 'equal'
            when birth_date_level <= 1 then 'different'
            else 'near'
        end as birth_date_level,
        concat_ws(
            ', ',
            {% for comparison in comparisons %}
                '{{ comparison.name | replace('_', ' ') }} '
                || case {{ comparison.name }}_level
                    {% for level in comparison.levels %}
                        when {{ comparison.levels | length - loop.index }}
                            then '{{ level.name | replace('_', ' ') }}'
                    {% endfor %}
                end
                || case when {{ comparison.name }}_weight < -0.05 then ' ' else ' +' end
                -- tenths of a bit, rounded alike on every engine
                || cast(cast(
                    cast(floor({{ comparison.name }}_weight * 10 + 0.5) as decimal(18, 0))
                    * cast(0.1 as decimal(18, 1)) as decimal(18, 1)
                ) as string),
            {% endfor %}
            cast(null as string)
        ) as score_levels,

        -- measures
        match_weight,
        match_probability,

        -- flags
        personal_weight > 0 as has_personal_evidence,
        coalesce(first_name_level >= 5 or han_name_level >= 2, false)
        and coalesce(birth_date_level >= 4, false) as agrees_fully
    from scored
)

select * from final
