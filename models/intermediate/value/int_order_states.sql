with

as_of as (select * from {{ ref('int_as_of') }}),

orders as (select * from {{ ref('int_orders_valued') }}),

deliveries as (select * from {{ ref('int_orders_seen') }}),

payments as (select * from {{ ref('int_payments_valued') }}),

refund_events as (select * from {{ ref('int_refund_events_unioned') }}),

payment_totals as (
    select
        order_key,
        min(greatest(paid_date, first_load_date)) as first_payment_date,
        min(case when is_succeeded then greatest(paid_date, first_load_date) end)
            as first_success_date
    from payments
    where
        payment_type = 'payment'
        and order_key is not null
    group by order_key
),

-- When each order was placed, paid and cancelled, and known to be. What this build knows it knows
-- on the as-of date, also where it was delivered on the morning after.
dated as (
    select
        orders.order_key,
        orders.record_key,
        orders.order_type,
        orders.net_amount_local,
        orders.applied_return_amount_local,
        orders.fx_rate,
        orders.ordered_date,
        as_of.as_of_date,
        least(
            greatest(orders.ordered_date, deliveries.first_load_date), as_of.as_of_date
        ) as placed_date,
        case
            when orders.order_type = 'return' then null
            -- payments decide, but for the days before the first of them was delivered
            when
                payment_totals.order_key is not null
                and (
                    payment_totals.first_success_date is null
                    or coalesce(
                        deliveries.paid_load_date >= payment_totals.first_payment_date, true
                    )
                )
                then payment_totals.first_success_date
            when
                payment_totals.order_key is null
                and not orders.is_cancelled
                and not orders.is_paid
                then null
            -- cancelled before it was ever delivered as paid
            when
                orders.is_cancelled
                and deliveries.first_load_date is not null
                and deliveries.paid_load_date is null
                then null
            else coalesce(deliveries.paid_load_date, orders.ordered_date)
        end as settled_date,
        case
            when orders.is_cancelled
                then
                    least(
                        greatest(
                            orders.ordered_date,
                            deliveries.first_load_date,
                            deliveries.cancelled_load_date,
                            {{ business_date('orders.cancelled_at') }}
                        ),
                        as_of.as_of_date
                    )
        end as cancelled_date
    from orders
    inner join deliveries
        on orders.order_key = deliveries.order_key
    cross join as_of
    left join payment_totals
        on orders.order_key = payment_totals.order_key
),

settled as (
    select
        order_key,
        least(greatest(settled_date, placed_date), as_of_date) as paid_date
    from dated
    where settled_date is not null
),

refunded as (
    select
        refund_events.order_key,
        refund_events.refund_source,
        refund_events.amount_local,
        least(
            greatest(
                refund_events.refund_date, refund_events.refund_load_date, returns.placed_date
            ),
            as_of.as_of_date
        ) as refund_date
    from refund_events
    cross join as_of
    left join dated as returns
        on refund_events.return_order_key = returns.order_key
    where refund_events.order_key is not null
),

changes as (
    select
        order_key,
        placed_date as known_date,
        1 as is_placed,
        0 as is_paid,
        0 as is_cancelled,
        0 as goods_amount_local,
        0 as cash_amount_local
    from dated

    union all

    select
        order_key,
        paid_date as known_date,
        0 as is_placed,
        1 as is_paid,
        0 as is_cancelled,
        0 as goods_amount_local,
        0 as cash_amount_local
    from settled

    union all

    select
        order_key,
        cancelled_date as known_date,
        0 as is_placed,
        0 as is_paid,
        1 as is_cancelled,
        0 as goods_amount_local,
        0 as cash_amount_local
    from dated
    where cancelled_date is not null

    union all

    select
        order_key,
        refund_date as known_date,
        0 as is_placed,
        0 as is_paid,
        0 as is_cancelled,
        case when refund_source = 'goods' then amount_local else 0 end as goods_amount_local,
        case when refund_source = 'cash' then amount_local else 0 end as cash_amount_local
    from refunded
),

by_day as (
    select
        order_key,
        known_date,
        max(is_placed) as is_placed,
        max(is_paid) as is_paid,
        max(is_cancelled) as is_cancelled,
        coalesce(sum(goods_amount_local), 0) as goods_amount_local,
        coalesce(sum(cash_amount_local), 0) as cash_amount_local
    from changes
    group by order_key, known_date
),

cumulated as (
    select
        order_key,
        known_date,
        max(is_placed) over order_until_day as is_placed,
        max(is_paid) over order_until_day as is_paid,
        max(is_cancelled) over order_until_day as is_cancelled,
        -- booked twice, as goods and as money: the greater of the two counts
        greatest(
            sum(goods_amount_local) over order_until_day,
            sum(cash_amount_local) over order_until_day
        ) as refunded_amount_local
    from by_day
    window order_until_day as (
        partition by order_key
        order by known_date asc nulls first
        rows between unbounded preceding and current row
    )
),

-- As int_orders_valued has it: what was cancelled or is still open never became revenue.
valued as (
    select
        cumulated.order_key,
        cumulated.known_date,
        dated.record_key,
        dated.fx_rate,
        dated.ordered_date,
        dated.cancelled_date,
        case when cumulated.is_cancelled = 0 then cumulated.is_paid else 0 end as paid_count,
        cast(
            case
                when cumulated.is_cancelled = 1 and dated.net_amount_local < 0
                    then dated.applied_return_amount_local - cumulated.refunded_amount_local
                when cumulated.is_cancelled = 1
                    then
                        least(dated.net_amount_local - cumulated.refunded_amount_local, 0)
                        + dated.applied_return_amount_local
                when dated.order_type = 'return' or cumulated.is_paid = 1
                    then
                        dated.net_amount_local
                        + dated.applied_return_amount_local
                        - cumulated.refunded_amount_local
                else
                    least(
                        dated.net_amount_local
                        + dated.applied_return_amount_local
                        - cumulated.refunded_amount_local,
                        0
                    )
            end as decimal(18, 4)
        ) as realised_amount_local
    from cumulated
    inner join dated
        on cumulated.order_key = dated.order_key
    where cumulated.is_placed = 1
),

rated as (
    select
        order_key,
        record_key,
        known_date,
        paid_count,
        coalesce(round(realised_amount_local * fx_rate, 4), 0) as realised_amount,
        ordered_date,
        cancelled_date
    from valued
),

compared as (
    select
        order_key,
        record_key,
        paid_count,
        realised_amount,
        lag(paid_count) over (partition by order_key order by known_date asc nulls first)
            as previous_paid_count,
        lag(realised_amount) over (partition by order_key order by known_date asc nulls first)
            as previous_realised_amount,
        known_date,
        ordered_date,
        cancelled_date
    from rated
),

final as (
    select
        -- keys
        order_key,
        record_key,

        -- measures
        cast(paid_count - coalesce(previous_paid_count, 0) as integer) as paid_change_count,
        cast(realised_amount - coalesce(previous_realised_amount, 0) as decimal(18, 4))
            as realised_change_amount,

        -- dates and timestamps
        known_date,
        ordered_date,
        cancelled_date
    from compared
)

select * from final
