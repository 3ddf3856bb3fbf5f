with

relations as (select * from {{ ref('customer_relations') }}),

households as (select * from {{ ref('customer_households') }}),

invitations as (select * from {{ ref('customer_invitations') }}),

counted as (
    select
        customer_id,
        count(*) filter (where relation_kind = 'household') as members_count,
        count(*) filter (where relation_kind = 'invited' and not is_cycle_cut)
            as invited_customers_count,
        max(case when relation_kind = 'inviter' then related_customer_id end)
            as inviter_customer_id
    from relations
    group by customer_id
),

final as (
    select
        households.customer_id,
        households.household_customers_count,
        invitations.invited_customers_count,
        counted.members_count,
        counted.invited_customers_count as listed_invited_count
    from households
    left join invitations
        on households.customer_id = invitations.customer_id
    left join counted
        on households.customer_id = counted.customer_id
    where
        households.household_customers_count <> coalesce(counted.members_count, 0) + 1
        or coalesce(invitations.invited_customers_count, -1)
        <> coalesce(counted.invited_customers_count, 0)
        or coalesce(invitations.inviter_customer_id, '')
        <> coalesce(counted.inviter_customer_id, '')
)

select * from final
