with

scored as (select * from {{ ref('int_match_pairs_scored') }}),

identifier_pairs as (select * from {{ ref('int_identifier_pairs_compared') }}),

identifier_types as (select * from {{ ref('identifier_types') }}),

joined_by_identifiers as (
    select
        record_key,
        other_record_key
    from identifier_pairs
    where verdict = 'joins'
    group by record_key, other_record_key
),

final as (
    select
        -- keys
        scored.record_key,
        scored.other_record_key,

        -- attributes
        identifier_types.identifier_type,
        'scored' as strength,
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

        -- measures
        identifier_types.priority,
        scored.match_weight,

        -- flags
        scored.personal_weight > 0 as has_personal_evidence,
        coalesce(scored.first_name_level >= 5 or scored.han_name_level >= 2, false)
        and coalesce(scored.birth_date_level >= 4, false) as agrees_fully
    from scored
    inner join identifier_types
        on identifier_types.identifier_type = 'scored'
    left join joined_by_identifiers
        on
            scored.record_key = joined_by_identifiers.record_key
            and scored.other_record_key = joined_by_identifiers.other_record_key
    where
        scored.verdict = 'joins'
        and joined_by_identifiers.record_key is null
)

select * from final
