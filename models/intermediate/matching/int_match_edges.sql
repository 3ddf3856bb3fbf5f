with

scored as (select * from {{ ref('int_match_pairs_explained') }}),

identifier_pairs as (select * from {{ ref('int_identifier_pairs_judged') }}),

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
        scored.first_name_level,
        scored.birth_date_level,

        -- measures
        identifier_types.priority,
        scored.match_weight,

        -- flags
        scored.has_personal_evidence,
        scored.agrees_fully
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
