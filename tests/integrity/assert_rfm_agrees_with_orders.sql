with

rfm as (select * from {{ ref('customer_rfm') }}),

orders as (select * from {{ ref('fct_orders') }}),

payments as (select * from {{ ref('fct_payments') }}),

order_totals as (
    select
        customer_id,
        sum(realised_amount) as realised_amount,
        count(*) filter (where is_paid) as paid_orders_count,
        max(case when is_paid then ordered_date end) as last_paid_order_date
    from orders
    where customer_id is not null
    group by customer_id
),

-- A refund for which no order was found lowers no order, but it lowers the customer's value, by
-- what it pays back for goods.
unmatched_refunds as (
    select
        customer_id,
        sum(
            case
                when goods_amount_local = amount_local then amount
                else {{ in_reporting_currency('goods_amount_local', 'fx_rate') }}
            end
        ) as amount
    from payments
    where match_rule = 'unmatched_customer'
    group by customer_id
),

final as (
    select
        rfm.customer_id,
        rfm.monetary_amount,
        order_totals.realised_amount,
        unmatched_refunds.amount as unmatched_refund_amount,
        rfm.frequency,
        order_totals.paid_orders_count,
        rfm.recency_days,
        order_totals.last_paid_order_date
    from rfm
    left join order_totals
        on rfm.customer_id = order_totals.customer_id
    left join unmatched_refunds
        on rfm.customer_id = unmatched_refunds.customer_id
    where
        rfm.monetary_amount
        <> coalesce(order_totals.realised_amount, 0) - coalesce(unmatched_refunds.amount, 0)
        or rfm.frequency <> coalesce(order_totals.paid_orders_count, 0)
        or coalesce(rfm.recency_days, -1)
        <> coalesce({{ days_between('order_totals.last_paid_order_date', 'rfm.as_of_date') }}, -1)
)

select * from final
