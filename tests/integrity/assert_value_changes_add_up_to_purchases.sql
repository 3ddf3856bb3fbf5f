with

changes as (select * from {{ ref('int_customer_value_changes') }}),

purchases as (select * from {{ ref('int_customer_purchases') }}),

-- Neither side has the dates of cancelled orders.
totals as (
    select
        customer_id,
        sum(paid_orders_change_count) as paid_orders_count,
        sum(realised_change_amount) as realised_amount,
        min(first_paid_order_date) as first_paid_order_date,
        max(last_paid_order_date) as last_paid_order_date
    from changes
    group by customer_id
),

final as (
    select
        purchases.customer_id,
        purchases.paid_orders_count,
        totals.paid_orders_count as added_up_orders_count,
        purchases.realised_amount,
        totals.realised_amount as added_up_amount
    from purchases
    full outer join totals
        on purchases.customer_id = totals.customer_id
    where
        purchases.customer_id is null
        or totals.customer_id is null
        or purchases.paid_orders_count <> totals.paid_orders_count
        or purchases.realised_amount <> totals.realised_amount
        or coalesce(purchases.first_paid_order_date <> totals.first_paid_order_date, false)
        or coalesce(purchases.last_paid_order_date <> totals.last_paid_order_date, false)
        or (purchases.first_paid_order_date is null) <> (totals.first_paid_order_date is null)
)

select * from final
