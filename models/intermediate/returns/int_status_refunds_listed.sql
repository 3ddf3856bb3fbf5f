with

orders as (select * from {{ ref('int_orders_priced') }}),

deliveries as (select * from {{ ref('int_orders_seen') }}),

as_of as (select * from {{ ref('int_as_of') }}),

payments as (select * from {{ ref('int_payments_valued') }}),

refunds as (select * from {{ ref('int_refunds_matched') }}),

allocations as (select * from {{ ref('int_return_allocations_unioned') }}),

-- A payment whose state says that it went back, as far as that is known on the as-of date.
refunded_payments as (
    select
        payments.order_key,
        sum(payments.amount_order_currency) as amount_local,
        max(payments.refunded_date) as refunded_date,
        max(payments.first_load_date) as refunded_load_date
    from payments
    inner join as_of
        on payments.refunded_date <= as_of.as_of_date
    where
        payments.payment_type = 'payment'
        and payments.is_succeeded
        and payments.order_key is not null
    group by payments.order_key
),

-- Where a row says what went back on the order, the row counts.
told_by_rows as (
    select order_key
    from refunds
    where order_key is not null

    union distinct

    select sale_order_key as order_key
    from allocations
    where sale_order_key is not null
),

told_by_status as (
    select
        orders.order_key,
        orders.record_key,
        orders.currency,
        case
            when deliveries.refunded_date is not null then orders.net_amount_local
            else refunded_payments.amount_local
        end as amount_local,
        greatest(
            coalesce(deliveries.refunded_date, refunded_payments.refunded_date),
            orders.ordered_date
        ) as refund_date,
        case
            when deliveries.refunded_date is not null then deliveries.refunded_load_date
            else refunded_payments.refunded_load_date
        end as refund_load_date
    from orders
    inner join deliveries
        on orders.order_key = deliveries.order_key
    left join refunded_payments
        on orders.order_key = refunded_payments.order_key
    left join told_by_rows
        on orders.order_key = told_by_rows.order_key
    where
        orders.order_type in ('sale', 'service')
        and not orders.is_cancelled
        -- an order of nothing is not refunded by a word; one of unknown worth is
        and (orders.net_amount_local > 0 or not orders.has_amount)
        and told_by_rows.order_key is null
        and (deliveries.refunded_date is not null or refunded_payments.amount_local > 0)
),

-- What went back and found no order: of the same customer (or of a guest) and the same amount it
-- may be the row of such an order. Then the row counts, and not the status as well.
unmatched as (
    select
        record_key,
        currency,
        amount_local,
        paid_date as refund_date,
        payment_key as refund_key
    from refunds
    where order_key is null

    union all

    select
        record_key,
        currency,
        sum(amount_local) as amount_local,
        min(returned_date) as refund_date,
        return_order_key as refund_key
    from allocations
    where sale_order_key is null
    group by record_key, currency, return_order_key
),

ranked_unmatched as (
    select
        coalesce(record_key, 0) as record_or_guest_key,
        currency,
        amount_local,
        row_number() over (
            partition by coalesce(record_key, 0), currency, amount_local
            order by refund_date asc nulls last, refund_key asc nulls last
        ) as refund_rank
    from unmatched
),

ranked as (
    select
        *,
        coalesce(record_key, 0) as record_or_guest_key,
        row_number() over (
            partition by coalesce(record_key, 0), currency, amount_local
            order by refund_date asc nulls last, order_key asc nulls last
        ) as refund_rank
    from told_by_status
),

final as (
    select
        -- keys
        ranked.order_key,
        ranked.record_key,

        -- attributes
        ranked.currency,

        -- measures
        cast(ranked.amount_local as decimal(38, 4)) as amount_local,

        -- dates and timestamps
        ranked.refund_date,
        ranked.refund_load_date
    from ranked
    left join ranked_unmatched
        on
            ranked.record_or_guest_key = ranked_unmatched.record_or_guest_key
            and ranked.currency = ranked_unmatched.currency
            and ranked.amount_local = ranked_unmatched.amount_local
            and ranked.refund_rank = ranked_unmatched.refund_rank
    where ranked_unmatched.refund_rank is null
)

select * from final
