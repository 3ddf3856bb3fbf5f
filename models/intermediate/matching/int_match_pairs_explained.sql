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
            {% for level in ['equal', 'swapped'] %}
                when
                    {{ is_at_level('scored', 'first_name', level) }}
                    or {{ is_at_level('scored', 'han_name', level) }}
                    then '{{ level }}'
            {% endfor %}
            when
                {{ is_at_level('scored', 'first_name', ['two_names', 'other_name', 'different']) }}
                or {{ is_at_level('scored', 'han_name', 'different') }}
                then 'different'
            when coalesce(scored.first_name_level, scored.han_name_level) is null then 'unknown'
            else 'near'
        end as first_name_level,
        case
            when scored.birth_date_level is null then 'unknown'
            when {{ is_at_level('scored', 'birth_date', 'equal') }} then 'equal'
            when {{ is_closer_than_level('scored', 'birth_date', 'year_apart') }} then 'near'
            else 'different'
        end as birth_date_level,
        concat_ws(
            ', ',
            {% for comparison in comparisons %}
                '{{ comparison.name | replace('_', ' ') }} '
                || case scored.{{ comparison.name }}_level
                    {% for level in comparison.levels %}
                        when {{ level.number }}
                            then '{{ level.name | replace('_', ' ') }}'
                    {% endfor %}
                end
                || case when scored.{{ comparison.name }}_weight < -0.05 then ' ' else ' +' end
                || cast(
                    cast(round(scored.{{ comparison.name }}_weight, 1) as decimal(18, 1)) as string
                ),
            {% endfor %}
            cast(null as string)
        ) as score_levels,

        -- measures
        scored.match_weight,
        scored.match_probability,
        scored.household_weight,

        -- flags
        judged.verdict = 'joins' and judged.personal_weight > 0 as has_personal_evidence,
        coalesce(scored.first_name_level, scored.han_name_level) is not null
        and scored.birth_date_level is not null as is_fully_compared,
        (
            {{ is_at_least_at_level('scored', 'first_name', 'swapped') }}
            or {{ is_at_least_at_level('scored', 'han_name', 'swapped') }}
        )
        and {{ is_at_least_at_level('scored', 'birth_date', 'slip') }} as agrees_fully
    from scored
    inner join judged
        on
            scored.record_key = judged.record_key
            and scored.other_record_key = judged.other_record_key
)

select * from final
