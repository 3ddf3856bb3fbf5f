with

purchases as (select * from {{ ref('int_customer_purchases') }}),

invitations as (select * from {{ ref('int_invitations_ordered') }}),

trees as (select * from {{ ref('int_invitation_trees_grown') }}),

direct as (
    select
        trees.parent_key as customer_id,
        count(*) as invited_customers_count,
        sum(invitations.realised_amount) as invited_realised_amount
    from trees
    inner join invitations
        on trees.node_key = invitations.customer_id
    where trees.parent_key is not null
    group by trees.parent_key
),

final as (
    select
        -- keys
        purchases.customer_id,
        purchases.as_of_date,
        invitations.inviter_customer_id,
        coalesce(trees.root_key, purchases.customer_id) as root_customer_id,

        -- measures
        coalesce(trees.depth, 0) as invitation_depth,
        cast(coalesce(direct.invited_customers_count, 0) as bigint) as invited_customers_count,
        cast(coalesce(trees.descendants_count, 0) as bigint) as all_invited_customers_count,
        cast(coalesce(direct.invited_realised_amount, 0) as decimal(38, 4))
            as invited_realised_amount,
        cast(coalesce(trees.descendants_amount, 0) as decimal(38, 4))
            as all_invited_realised_amount,

        -- flags
        coalesce(trees.is_cycle_cut, false) as is_cycle_cut,

        -- dates and timestamps
        {{ business_date('invitations.invited_at') }} as invited_date
    from purchases
    left join invitations
        on purchases.customer_id = invitations.customer_id
    left join trees
        on purchases.customer_id = trees.node_key
    left join direct
        on purchases.customer_id = direct.customer_id
)

select * from final
