with

orders as (select * from {{ ref('int_orders_valued') }}),

settled as (select * from {{ ref('int_orders_settled') }}),

events as (select * from {{ ref('int_order_events_dated') }}),

days as (
    select
        order_key,
        known_date,
        max(case when event_type = 'placed' then 1 else 0 end) as placed_count,
        max(case when event_type = 'paid' then 1 else 0 end) as paid_count,
        max(case when event_type = 'cancelled' then 1 else 0 end) as cancelled_count,
        sum(case when event_type = 'goods_returned' then coalesce(amount_local, 0) else 0 end)
            as goods_amount_local,
        sum(case when event_type = 'money_returned' then coalesce(amount_local, 0) else 0 end)
            as money_amount_local
    from events
    group by order_key, known_date
),

-- Everything that has happened up to each day. A return may be booked twice, as goods and as money:
-- only the greater of the two sums counts, as in int_refund_events_unioned.
until_day as (
    select
        order_key,
        known_date,
        max(placed_count) over order_until_day = 1 as is_placed,
        max(paid_count) over order_until_day = 1 as is_paid,
        max(cancelled_count) over order_until_day = 1 as is_cancelled,
        greatest(
            sum(goods_amount_local) over order_until_day,
            sum(money_amount_local) over order_until_day
        ) as refunded_amount_local
    from days
    window order_until_day as (
        partition by order_key
        order by known_date asc nulls first
        rows between unbounded preceding and current row
    )
),

-- A refund that was delivered before its order counts with it.
states as (
    select
        until_day.order_key,
        orders.record_key,
        orders.order_type,
        orders.net_amount_local,
        orders.applied_return_amount_local,
        until_day.refunded_amount_local,
        orders.fx_rate,
        until_day.is_paid and not until_day.is_cancelled as is_paid,
        until_day.is_cancelled,
        until_day.known_date,
        orders.ordered_date,
        settled.cancelled_date
    from until_day
    inner join orders
        on until_day.order_key = orders.order_key
    inner join settled
        on until_day.order_key = settled.order_key
    where until_day.is_placed
),

outcomes as (
    select
        *,
        {{ outcome_amounts() }}
    from states
),

valued as (
    select
        *,
        case when is_paid then 1 else 0 end as paid_count,
        coalesce({{ in_reporting_currency('realised_amount_local', 'fx_rate') }}, 0)
            as realised_amount
    from outcomes
),

compared as (
    select
        *,
        lag(paid_count) over order_by_day as previous_paid_count,
        lag(realised_amount) over order_by_day as previous_realised_amount
    from valued
    window order_by_day as (
        partition by order_key
        order by known_date asc nulls first
    )
),

final as (
    select
        -- keys
        order_key,
        record_key,

        -- measures
        cast(paid_count - coalesce(previous_paid_count, 0) as integer) as paid_change_count,
        cast(realised_amount - coalesce(previous_realised_amount, 0) as decimal(38, 4))
            as realised_change_amount,

        -- dates and timestamps
        known_date,
        ordered_date,
        cancelled_date
    from compared
)

select * from final
