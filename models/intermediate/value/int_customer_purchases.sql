with

customers as (select * from {{ ref('int_records_clustered') }}),

orders as (select * from {{ ref('int_orders_valued') }}),

refund_events as (select * from {{ ref('int_refund_events_unioned') }}),

as_of as (select * from {{ ref('int_as_of') }}),

order_totals as (
    select
        customers.customer_id,
        count(*) filter (where orders.order_type <> 'return') as orders_count,
        count(*) filter (where orders.is_paid) as paid_orders_count,
        min(case when orders.is_paid then orders.ordered_date end) as first_paid_order_date,
        max(case when orders.is_paid then orders.ordered_date end) as last_paid_order_date,
        sum(orders.realised_amount) as realised_amount
    from orders
    inner join customers
        on orders.record_key = customers.record_key
    group by customers.customer_id
),

-- Money that was paid back and matches no order.
unmatched_refunds as (
    select
        customers.customer_id,
        sum(refund_events.amount) as unmatched_refund_amount
    from refund_events
    inner join customers
        on refund_events.record_key = customers.record_key
    where
        refund_events.refund_source = 'cash'
        and refund_events.order_key is null
    group by customers.customer_id
),

anchors as (
    select customer_id
    from customers
    where is_anchor
),

final as (
    select
        -- keys
        anchors.customer_id,
        as_of.as_of_date,

        -- measures
        cast(coalesce(order_totals.orders_count, 0) as bigint) as orders_count,
        cast(coalesce(order_totals.paid_orders_count, 0) as bigint) as paid_orders_count,
        cast(
            coalesce(order_totals.realised_amount, 0)
            - coalesce(unmatched_refunds.unmatched_refund_amount, 0) as decimal(38, 4)
        ) as realised_amount,
        cast(coalesce(unmatched_refunds.unmatched_refund_amount, 0) as decimal(38, 4))
            as unmatched_refund_amount,

        -- dates and timestamps
        order_totals.first_paid_order_date,
        order_totals.last_paid_order_date
    from anchors
    cross join as_of
    left join order_totals
        on anchors.customer_id = order_totals.customer_id
    left join unmatched_refunds
        on anchors.customer_id = unmatched_refunds.customer_id
)

select * from final
