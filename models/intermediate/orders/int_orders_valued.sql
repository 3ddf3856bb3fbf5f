with

orders as (select * from {{ ref('int_orders_priced') }}),

order_lines as (select * from {{ ref('int_order_lines_valued') }}),

payments as (select * from {{ ref('int_payments_valued') }}),

refund_events as (select * from {{ ref('int_refund_events_unioned') }}),

allocations as (select * from {{ ref('int_return_allocations_unioned') }}),

fees as (select * from {{ ref('int_order_fees_valued') }}),

payment_totals as (
    select
        order_key,
        count(*) as payment_count,
        count(*) filter (where is_succeeded) as succeeded_payment_count,
        coalesce(sum(amount_order_currency) filter (where is_succeeded), 0) as paid_amount_local
    from payments
    where
        payment_type = 'payment'
        and order_key is not null
    group by order_key
),

-- How an order was paid, where its document does not say it: as most of its money was.
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
    from payments
    where
        payment_type = 'payment'
        and is_succeeded
        and method is not null
        and order_key is not null
),

payment_methods as (
    select
        order_key,
        method
    from ranked_payments
    where payment_rank = 1
),

refund_totals as (
    select
        order_key,
        sum(amount_local) as refunded_amount_local,
        min(refund_date) as first_refund_date
    from refund_events
    where
        is_counted
        and order_key is not null
    group by order_key
),

applied_totals as (
    select
        return_order_key,
        sum(amount_local) as applied_return_amount_local
    from allocations
    where sale_order_key is not null
    group by return_order_key
),

line_costs as (
    select
        order_key,
        count(*) filter (where cost_amount is null) as lines_without_cost_count,
        sum(cost_amount) as cost_amount
    from order_lines
    group by order_key
),

-- A charge without a rate leaves the order's fees unknown.
fee_totals as (
    select
        order_key,
        case when count(*) = count(amount) then sum(amount) end as fee_amount
    from fees
    group by order_key
),

settled as (
    select
        orders.order_key,
        orders.order_type,
        orders.net_amount_local,
        orders.is_cancelled,
        case
            when orders.order_type = 'return' or orders.is_cancelled then false
            when payment_totals.payment_count > 0 then payment_totals.succeeded_payment_count > 0
            else orders.is_paid_by_status
        end as is_paid,
        cast(coalesce(payment_totals.paid_amount_local, 0) as decimal(18, 4)) as paid_amount_local,
        cast(coalesce(refund_totals.refunded_amount_local, 0) as decimal(18, 4))
            as refunded_amount_local,
        cast(coalesce(applied_totals.applied_return_amount_local, 0) as decimal(18, 4))
            as applied_return_amount_local,
        refund_totals.first_refund_date,
        case when line_costs.lines_without_cost_count = 0 then line_costs.cost_amount end
            as cost_amount
    from orders
    left join payment_totals
        on orders.order_key = payment_totals.order_key
    left join refund_totals
        on orders.order_key = refund_totals.order_key
    left join applied_totals
        on orders.order_key = applied_totals.return_order_key
    left join line_costs
        on orders.order_key = line_costs.order_key
),

-- What of the net value never became revenue: cancelled, or still open.
bucketed as (
    select
        order_key,
        is_paid,
        paid_amount_local,
        refunded_amount_local,
        applied_return_amount_local,
        first_refund_date,
        cost_amount,
        case
            when not is_cancelled then 0
            when net_amount_local < 0 then net_amount_local
            else greatest(net_amount_local - refunded_amount_local, 0)
        end as cancelled_amount_local,
        case
            when is_cancelled or is_paid or order_type = 'return' then 0
            else
                greatest(
                    net_amount_local + applied_return_amount_local - refunded_amount_local, 0
                )
        end as open_amount_local
    from settled
),

final as (
    select
        -- keys
        orders.order_key,
        orders.record_key,
        orders.order_id,
        orders.system,
        orders.native_order_id,
        orders.native_customer_id,
        orders.original_order_key,
        orders.store_id,

        -- attributes
        orders.order_type,
        orders.status_word,
        orders.status,
        orders.currency,
        orders.coupon_code,
        coalesce(orders.payment_method, payment_methods.method) as payment_method,

        -- measures
        orders.lines_count,
        orders.items_count,
        orders.gross_amount_local,
        orders.discount_amount_local,
        orders.net_amount_local,
        orders.unitemised_amount_local,
        orders.return_gross_amount_local,
        orders.return_net_amount_local,
        bucketed.paid_amount_local,
        cast(bucketed.cancelled_amount_local as decimal(18, 4)) as cancelled_amount_local,
        bucketed.refunded_amount_local,
        cast(bucketed.open_amount_local as decimal(18, 4)) as open_amount_local,
        bucketed.applied_return_amount_local,
        cast(
            orders.net_amount_local
            - bucketed.cancelled_amount_local
            - bucketed.refunded_amount_local
            - bucketed.open_amount_local
            + bucketed.applied_return_amount_local as decimal(18, 4)
        ) as realised_amount_local,
        orders.fx_rate,
        case
            when orders.is_cancelled or orders.order_type = 'return' then 0
            when not bucketed.is_paid then 0
            else bucketed.cost_amount
        end as cost_amount,
        cast(
            case when fee_totals.order_key is null then 0 else fee_totals.fee_amount end
            as decimal(18, 4)
        ) as fee_amount,

        -- flags
        bucketed.is_paid,
        orders.is_cancelled,
        orders.has_amount,

        -- dates and timestamps
        orders.ordered_at,
        orders.ordered_date,
        orders.cancelled_at,
        bucketed.first_refund_date
    from orders
    inner join bucketed
        on orders.order_key = bucketed.order_key
    left join payment_methods
        on orders.order_key = payment_methods.order_key
    left join fee_totals
        on orders.order_key = fee_totals.order_key
)

select * from final
