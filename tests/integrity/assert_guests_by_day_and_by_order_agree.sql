with

report as (select * from {{ ref('rpt_kpis_daily') }}),

orders as (select * from {{ ref('fct_orders') }}),

refund_events as (select * from {{ ref('int_refund_events_unioned') }}),

amounts as (
    select
        guest_realised_by_day_amount as amount,
        0 as rounding_count
    from report

    union all

    select
        amount,
        1 as rounding_count
    from refund_events
    where
        record_key is null
        and is_counted

    union all

    -- what was sold, before anything went back
    select
        -(realised_amount + refunded_amount) as amount,
        2 as rounding_count
    from orders
    where customer_kind = 'guest'

    union all

    -- goods of no known order lower the document that takes them back
    select
        -amount as amount,
        1 as rounding_count
    from refund_events
    where
        record_key is null
        and order_key is null
        and refund_source = 'goods'
),

final as (
    select
        sum(amount) as difference_amount,
        sum(rounding_count) as rounding_count
    from amounts
    having abs(coalesce(sum(amount), 0)) > 0.0001 * coalesce(sum(rounding_count), 0)
)

select * from final
