{{ config(materialized='connected_components') }}

with

edges as (select * from {{ ref('int_identity_edges') }}),

final as (
    select
        record_key as from_key,
        other_record_key as to_key
    from edges
)

select * from final
