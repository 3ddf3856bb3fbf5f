with

activities as (select * from {{ ref('fct_customer_daily_activity') }}),

orders as (select * from {{ ref('fct_orders') }}),

-- Return documents are not orders of the day: they are among its refunds.
counts as (
    select
        customer_id,
        ordered_date as activity_date,
        count(*) as orders_count,
        count(*) filter (where is_paid) as paid_orders_count,
        count(*) filter (where is_paid and has_fx_rate) as valued_paid_orders_count,
        sum(items_count) as items_count
    from orders
    where
        customer_id is not null
        and order_type <> 'return'
    group by customer_id, ordered_date

    union all

    select
        customer_id,
        activity_date,
        -orders_count as orders_count,
        -paid_orders_count as paid_orders_count,
        -valued_paid_orders_count as valued_paid_orders_count,
        -items_count as items_count
    from activities
),

final as (
    select
        customer_id,
        activity_date,
        sum(orders_count) as orders_difference,
        sum(paid_orders_count) as paid_orders_difference,
        sum(valued_paid_orders_count) as valued_paid_orders_difference,
        sum(items_count) as items_difference
    from counts
    group by customer_id, activity_date
    having
        sum(orders_count) <> 0
        or sum(paid_orders_count) <> 0
        or sum(valued_paid_orders_count) <> 0
        or sum(items_count) <> 0
)

select * from final
