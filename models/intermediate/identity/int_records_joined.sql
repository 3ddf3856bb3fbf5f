{{ config(materialized='components_kept_apart') }}

with

edges as (select * from {{ ref('int_identity_edges_proposed') }}),

conflicts as (select * from {{ ref('int_identity_conflicts') }}),

identity_rules as (select * from {{ ref('int_identity_rules_resolved') }}),

final as (
    select
        record_key as from_key,
        other_record_key as to_key,
        match_weight as edge_weight,
        false as is_kept_apart
    from edges

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
