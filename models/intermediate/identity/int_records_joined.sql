{{ config(materialized='components_kept_apart') }}

with

edges as (select * from {{ ref('int_identity_edges_proposed') }}),

tied as (select * from {{ ref('int_identity_edges_tied') }}),

conflicts as (select * from {{ ref('int_identity_conflicts') }}),

identity_rules as (select * from {{ ref('int_identity_rules_resolved') }}),

final as (
    select
        edges.record_key as from_key,
        edges.other_record_key as to_key,
        edges.match_weight as edge_weight,
        false as is_kept_apart
    from edges
    left join tied
        on
            edges.record_key = tied.record_key
            and edges.other_record_key = tied.other_record_key
    where
        tied.record_key is null
        or edges.strength <> 'medium'

    union all

    -- who could be either of two people may be nobody's
    select
        record_key as from_key,
        record_key as to_key,
        cast(null as double) as edge_weight,
        false as is_kept_apart
    from tied

    union all

    select
        other_record_key as from_key,
        other_record_key as to_key,
        cast(null as double) as edge_weight,
        false as is_kept_apart
    from tied

    union all

    select
        record_key as from_key,
        other_record_key as to_key,
        cast(null as double) as edge_weight,
        true as is_kept_apart
    from conflicts

    union all

    select
        record_key as from_key,
        other_record_key as to_key,
        cast(null as double) as edge_weight,
        true as is_kept_apart
    from identity_rules
    where
        rule = 'never'
        and has_both_records
)

select * from final
