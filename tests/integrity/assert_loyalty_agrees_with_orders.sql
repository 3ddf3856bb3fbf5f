with

loyalty as (select * from {{ ref('customer_loyalty') }}),

rfm as (select * from {{ ref('customer_rfm') }}),

orders as (select * from {{ ref('fct_orders') }}),

paid_orders as (
    select
        customer_id,
        count(*) as paid_orders_count,
        count(distinct ordered_date) as purchase_days_count,
        count(distinct system) as channels_used_count,
        min(ordered_date) as first_paid_order_date
    from orders
    where
        customer_id is not null
        and is_paid
    group by customer_id
),

channel_amounts as (
    select
        customer_id,
        system,
        sum(realised_amount) as realised_amount
    from orders
    where customer_id is not null
    group by customer_id, system
),

final as (
    select
        loyalty.customer_id,
        loyalty.paid_orders_count,
        loyalty.realised_amount,
        loyalty.main_channel_amount
    from loyalty
    left join rfm
        on loyalty.customer_id = rfm.customer_id
    left join paid_orders
        on loyalty.customer_id = paid_orders.customer_id
    left join channel_amounts
        on
            loyalty.customer_id = channel_amounts.customer_id
            and loyalty.main_channel = channel_amounts.system
    where
        loyalty.realised_amount <> coalesce(rfm.monetary_amount, -loyalty.realised_amount - 1)
        or loyalty.paid_orders_count <> coalesce(paid_orders.paid_orders_count, 0)
        or loyalty.purchase_days_count <> coalesce(paid_orders.purchase_days_count, 0)
        or loyalty.channels_used_count <> coalesce(paid_orders.channels_used_count, 0)
        or coalesce(loyalty.since_first_paid_order_days, -1)
        <> coalesce(
            {{ days_between('paid_orders.first_paid_order_date', 'loyalty.as_of_date') }}, -1
        )
        or loyalty.main_channel_amount <> greatest(coalesce(channel_amounts.realised_amount, 0), 0)
)

select * from final
