with

orders as (select * from {{ ref('int_orders_valued') }}),

records as (select * from {{ ref('int_records_clustered') }}),

as_of as (select * from {{ ref('int_as_of') }}),

final as (
    select
        -- keys
        orders.order_key,
        records.customer_id,

        -- measures
        orders.net_amount,
        orders.refunded_amount,

        -- flags
        orders.is_paid,
        orders.is_cancelled,
        orders.is_paid
        and orders.refunded_amount_local > 0 as has_refund,
        orders.is_paid
        and orders.refunded_amount_local > 0
        and 2 * orders.refunded_amount_local >= orders.net_amount_local as is_refunded,
        coalesce(orders.open_reason = 'not_paid', false)
        and {{ days_between('orders.ordered_date', 'as_of.as_of_date') }}
        > {{ var('risk_unpaid_days') }} as is_overdue,

        -- dates and timestamps
        orders.ordered_at,
        orders.ordered_date
    from orders
    inner join records
        on orders.record_key = records.record_key
    cross join as_of
    where orders.order_type in ('sale', 'service')
)

select * from final
