with

activities as (select * from {{ ref('fct_customer_daily_activity') }}),

orders as (select * from {{ ref('fct_orders') }}),

reconciliation as (select * from {{ ref('reconciliation') }}),

refund_events as (select * from {{ ref('int_refund_events_unioned') }}),

amounts as (
    select
        'daily tables' as place,
        refunded_amount as amount,
        0 as event_count
    from activities

    union all

    -- guests have no days of their own
    select
        'guests' as place,
        amount,
        0 as event_count
    from refund_events
    where
        record_key is null
        and is_counted

    union all

    select
        'order tables' as place,
        -refunded_amount as amount,
        0 as event_count
    from orders

    union all

    select
        'unmatched' as place,
        -amount as amount,
        0 as event_count
    from reconciliation
    where
        topic in ('returns_by_rule', 'refunds_by_rule')
        and bucket in ('unmatched_customer', 'unmatched_guest')

    union all

    -- what went back of shipping and tax is refunded in no table
    select
        'beside goods' as place,
        amount,
        0 as event_count
    from reconciliation
    where
        topic = 'refunds_beside_goods'
        and bucket in ('unmatched_customer', 'unmatched_guest')

    union all

    select
        'fx_difference' as place,
        -amount as amount,
        rows_count as event_count
    from reconciliation
    where topic = 'fx_difference'
),

-- Order tables round the refunds of an order once, daily tables each of them: four decimals, so at
-- most 0.0001 each.
final as (
    select
        sum(amount) as difference_amount,
        sum(event_count) as event_count
    from amounts
    having abs(coalesce(sum(amount), 0)) > 0.0001 * coalesce(sum(event_count), 0)
)

select * from final
