with

loyalty as (select * from {{ ref('customer_loyalty') }}),

loyalty_grouped as (select * from {{ ref('int_customer_loyalty_grouped') }}),

behavior as (select * from {{ ref('customer_behavior_30d') }}),

customers as (select * from {{ ref('dim_customers') }}),

referrals as (
    select
        inviter_customer_id as customer_id,
        count(*) as invited_customers_count
    from customers
    where inviter_customer_id is not null
    group by inviter_customer_id
),

final as (
    select
        loyalty.customer_id,
        loyalty.invited_customers_count,
        loyalty_grouped.paid_orders_30d_count,
        loyalty_grouped.product_views_30d_count,
        loyalty_grouped.cart_adds_30d_count
    from loyalty
    inner join behavior
        on loyalty.customer_id = behavior.customer_id
    left join loyalty_grouped
        on loyalty.customer_id = loyalty_grouped.customer_id
    left join referrals
        on loyalty.customer_id = referrals.customer_id
    where
        loyalty.invited_customers_count <> coalesce(referrals.invited_customers_count, 0)
        or behavior.paid_orders_30d_count <> coalesce(loyalty_grouped.paid_orders_30d_count, -1)
        or behavior.product_views_30d_count
        <> coalesce(loyalty_grouped.product_views_30d_count, -1)
        or behavior.cart_adds_30d_count <> coalesce(loyalty_grouped.cart_adds_30d_count, -1)
)

select * from final
