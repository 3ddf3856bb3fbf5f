with

as_of as (select * from {{ ref('int_as_of') }}),

orders as (select * from {{ ref('int_orders_priced') }}),

deliveries as (select * from {{ ref('int_orders_seen') }}),

payments as (select * from {{ ref('int_payments_valued') }}),

order_payments as (
    select
        order_key,
        payment_key,
        method,
        installments_count,
        amount_order_currency,
        is_succeeded,
        is_status_unmapped,
        paid_at,
        greatest(paid_date, first_load_date) as known_date
    from payments
    where
        payment_type = 'payment'
        and order_key is not null
),

-- Rows whose type nobody knows are no payments, but an order without a status of its own that has
-- only such rows is not known to be paid.
unmapped_payments as (
    select order_key
    from payments
    where
        payment_type = 'unmapped'
        and order_key is not null
    group by order_key
),

payment_totals as (
    select
        order_key,
        bool_or(is_status_unmapped) as has_unmapped_status,
        bool_or(is_succeeded) as has_succeeded,
        sum(case when is_succeeded then amount_order_currency end) as paid_amount_local,
        max(case when is_succeeded then installments_count end) as installments_count,
        min(known_date) as first_payment_date,
        min(case when is_succeeded then known_date end) as first_success_date
    from order_payments
    group by order_key
),

-- If the document does not name its payment method, the largest payment does.
ranked_payments as (
    select
        order_key,
        method,
        row_number() over (
            partition by order_key
            order by
                amount_order_currency desc nulls last,
                paid_at asc nulls last,
                payment_key asc nulls last
        ) as payment_rank
    from order_payments
    where
        is_succeeded
        and method is not null
),

payment_methods as (
    select
        order_key,
        method
    from ranked_payments
    where payment_rank = 1
),

-- No date is later than the as-of date: what this build knows, it knows on that date, even if a
-- file was delivered on the morning after.
joined as (
    select
        orders.order_key,
        orders.order_type,
        coalesce(orders.payment_method, payment_methods.method) as payment_method,
        coalesce(payment_totals.paid_amount_local, 0) as paid_amount_local,
        payment_totals.installments_count,
        payment_totals.order_key is not null as has_payments,
        coalesce(payment_totals.has_unmapped_status, false) as has_unmapped_payment_status,
        unmapped_payments.order_key is not null as has_unmapped_payments,
        case
            when orders.order_type in ('return', 'unmapped') then false
            when payment_totals.order_key is not null then payment_totals.has_succeeded
            when orders.status_word is null and unmapped_payments.order_key is not null then false
            else orders.is_paid_by_status
        end as has_been_paid,
        orders.status = 'unmapped' as is_status_unmapped,
        orders.is_cancelled,
        orders.ordered_date,
        deliveries.first_load_date,
        deliveries.paid_load_date,
        payment_totals.first_payment_date,
        payment_totals.first_success_date,
        as_of.as_of_date,
        least(
            greatest(orders.ordered_date, deliveries.first_load_date), as_of.as_of_date
        ) as placed_date,
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
    left join payment_methods
        on orders.order_key = payment_methods.order_key
    left join unmapped_payments
        on orders.order_key = unmapped_payments.order_key
),

paid as (
    select
        *,
        case
            when order_type in ('return', 'unmapped') then null
            -- The status of a cancelled order no longer says whether it was paid: its earlier
            -- deliveries do, and without load dates it counts as paid until it was cancelled.
            when is_cancelled and not has_payments
                then
                    case
                        when first_load_date is null then coalesce(paid_load_date, ordered_date)
                        else paid_load_date
                    end
            when not has_been_paid then null
            -- Payments decide, but on the days before the first of them was delivered the status
            -- did.
            when has_payments and coalesce(paid_load_date >= first_payment_date, true)
                then first_success_date
            else coalesce(paid_load_date, ordered_date)
        end as settled_date
    from joined
),

final as (
    select
        -- keys
        order_key,

        -- attributes
        payment_method,
        case
            when is_cancelled or order_type = 'return' or has_been_paid then null
            when order_type = 'unmapped' then 'unknown_order_type'
            when has_payments and has_unmapped_payment_status then 'unknown_payment_status'
            when has_payments then 'not_paid'
            when has_unmapped_payments then 'unknown_payment_type'
            when is_status_unmapped then 'unknown_order_status'
            else 'not_paid'
        end as unpaid_reason,

        -- measures
        cast(paid_amount_local as decimal(38, 4)) as paid_amount_local,
        installments_count,

        -- flags
        has_been_paid and not is_cancelled as is_paid,
        has_been_paid,

        -- dates and timestamps
        placed_date,
        case
            when settled_date is not null
                then least(greatest(settled_date, placed_date), as_of_date)
        end as paid_date,
        cancelled_date
    from paid
)

select * from final
