with

pairs as (select * from {{ ref('int_identifier_pairs_judged') }}),

match_edges as (select * from {{ ref('int_match_edges') }}),

first_components as (select * from {{ ref('int_records_joined_at_first') }}),

identifier_types as (select * from {{ ref('identifier_types') }}),

identity_rules as (select * from {{ ref('int_identity_rules_resolved') }}),

oversized as (
    select component_key
    from first_components
    group by component_key
    having count(*) > {{ var('identity_component_max_records') }}
),

joining as (
    select
        record_key,
        other_record_key,
        identifier_key,
        identifier_type,
        strength,
        first_name_level,
        birth_date_level,
        priority,
        cast(null as double) as match_weight,
        agrees_fully,
        is_earlier
    from pairs
    where verdict = 'joins'

    union all

    select
        record_key,
        other_record_key,
        cast(null as bigint) as identifier_key,
        identifier_type,
        strength,
        first_name_level,
        birth_date_level,
        priority,
        match_weight,
        agrees_fully,
        false as is_earlier
    from match_edges
),

weighed as (
    select
        joining.record_key,
        joining.other_record_key,
        joining.identifier_key,
        joining.identifier_type,
        joining.strength,
        joining.first_name_level,
        joining.birth_date_level,
        joining.priority,
        coalesce(joining.match_weight, identifier_types.match_weight) as match_weight,
        coalesce(
            case when joining.is_earlier then identifier_types.earlier_label end,
            identifier_types.identifier_label
        ) as identifier_label
    from joining
    inner join first_components
        on joining.record_key = first_components.node_key
    left join oversized
        on first_components.component_key = oversized.component_key
    left join identifier_types
        on joining.identifier_type = identifier_types.identifier_type
    where
        oversized.component_key is null
        or joining.strength = 'strong'
        or joining.agrees_fully
),

-- A rule of the stewards has no weight: it goes before everything that has one.
ruled as (
    select
        record_key,
        other_record_key,
        cast(null as bigint) as identifier_key,
        'steward' as identifier_type,
        'rule' as strength,
        cast(null as string) as first_name_level,
        cast(null as string) as birth_date_level,
        0 as priority,
        cast(null as double) as match_weight,
        'a rule of the stewards' as identifier_label
    from identity_rules
    where
        rule = 'always'
        and has_both_records
),

unioned as (
    select
        record_key,
        other_record_key,
        identifier_key,
        identifier_type,
        strength,
        first_name_level,
        birth_date_level,
        priority,
        match_weight,
        identifier_label
    from weighed

    union all

    select
        record_key,
        other_record_key,
        identifier_key,
        identifier_type,
        strength,
        first_name_level,
        birth_date_level,
        priority,
        match_weight,
        identifier_label
    from ruled
),

final as (
    select
        -- keys
        record_key,
        other_record_key,
        identifier_key,

        -- attributes
        identifier_type,
        strength,
        first_name_level,
        birth_date_level,
        identifier_label,

        -- measures
        priority,
        match_weight
    from unioned
)

select * from final
