{{ config(materialized='rooted_forest') }}

with

invitations as (select * from {{ ref('int_invitations_ordered') }}),

final as (
    select
        customer_id as node_key,
        inviter_customer_id as parent_key,
        invited_at as cut_order,
        realised_amount as node_amount
    from invitations
)

select * from final
