{{ config(materialized='connected_components') }}

with

pairs as (select * from {{ ref('int_household_pairs_kept') }}),

final as (
    select
        customer_id as from_key,
        related_customer_id as to_key
    from pairs
)

select * from final
