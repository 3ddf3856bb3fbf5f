with

invitations as (select * from {{ ref('customer_invitations') }}),

purchases as (select * from {{ ref('int_customer_purchases') }}),

placed as (
    select
        invitations.customer_id,
        invitations.root_customer_id,
        invitations.invitation_depth,
        invitations.invited_customers_count,
        case
            when invitations.invitation_depth > 0 then 'invited'
            when invitations.invited_customers_count > 0 then 'first_of_chain'
            else 'alone'
        end as referral_role,
        purchases.paid_orders_count,
        purchases.realised_amount
    from invitations
    inner join purchases
        on invitations.customer_id = purchases.customer_id
),

counted as (
    select
        invitation_depth,
        referral_role,
        count(*) as customers_count,
        count(distinct root_customer_id) as chains_count,
        count(*) filter (where paid_orders_count > 0) as buyers_count,
        count(*) filter (where invited_customers_count > 0) as inviters_count,
        sum(invited_customers_count) as invited_customers_count,
        sum(realised_amount) as realised_amount
    from placed
    group by invitation_depth, referral_role
),

final as (
    select
        -- keys
        invitation_depth,
        referral_role,

        -- measures
        cast(customers_count as bigint) as customers_count,
        cast(chains_count as bigint) as chains_count,
        cast(buyers_count as bigint) as buyers_count,
        cast(inviters_count as bigint) as inviters_count,
        cast(invited_customers_count as bigint) as invited_customers_count,
        {{ divide('100 * buyers_count', 'customers_count') }} as buyers_share_pct,
        {{ divide('100 * inviters_count', 'customers_count') }} as inviters_share_pct,
        {{ divide('invited_customers_count', 'customers_count') }} as invited_per_customer,
        cast(realised_amount as decimal(38, 4)) as realised_amount,
        {{ divide('realised_amount', 'customers_count') }} as realised_per_customer_amount
    from counted
)

select * from final
