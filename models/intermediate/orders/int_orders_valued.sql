with

orders as (select * from {{ ref('int_orders_priced') }}),

settled as (select * from {{ ref('int_orders_settled') }}),

order_lines as (select * from {{ ref('int_order_lines_valued') }}),

refund_events as (select * from {{ ref('int_refund_events_unioned') }}),

allocations as (select * from {{ ref('int_return_allocations_unioned') }}),

fees as (select * from {{ ref('int_order_fees_valued') }}),

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
    where is_fee
    group by order_key
),

gathered as (
    select
        orders.*,
        settled.payment_method as paid_by_method,
        settled.unpaid_reason,
        settled.paid_amount_local,
        settled.installments_count,
        settled.is_paid,
        cast(coalesce(refund_totals.refunded_amount_local, 0) as decimal(38, 4))
            as refunded_amount_local,
        cast(coalesce(applied_totals.applied_return_amount_local, 0) as decimal(38, 4))
            as applied_return_amount_local,
        refund_totals.first_refund_date,
        case when line_costs.lines_without_cost_count = 0 then line_costs.cost_amount end
            as line_cost_amount,
        case when fee_totals.order_key is null then 0 else fee_totals.fee_amount end
            as fee_amount
    from orders
    inner join settled
        on orders.order_key = settled.order_key
    left join refund_totals
        on orders.order_key = refund_totals.order_key
    left join applied_totals
        on orders.order_key = applied_totals.return_order_key
    left join line_costs
        on orders.order_key = line_costs.order_key
    left join fee_totals
        on orders.order_key = fee_totals.order_key
),

valued as (
    select
        *,
        {{ outcome_amounts() }}
    from gathered
),

final as (
    select
        -- keys
        order_key,
        record_key,
        order_id,
        system,
        native_order_id,
        native_customer_id,
        original_order_key,
        store_id,
        seller_id,

        -- attributes
        order_type,
        status_word,
        status,
        currency,
        coupon_code,
        paid_by_method as payment_method,
        case when open_amount_local <> 0 then unpaid_reason end as open_reason,

        -- measures
        lines_count,
        items_count,
        {% for amount in order_amounts() %}
            {{ amount }}_amount_local,
        {% endfor %}
        return_gross_amount_local,
        return_net_amount_local,
        {% for charge in charge_kinds() %}
            {{ charge }}_amount_local,
        {% endfor %}
        total_amount_local,
        installments_count,
        fx_rate,
        {% for amount in order_amounts() %}
            {{ in_reporting_currency(amount ~ '_amount_local', 'fx_rate') }} as {{ amount }}_amount,
        {% endfor %}
        {% for charge in charge_kinds() %}
            {{ in_reporting_currency(charge ~ '_amount_local', 'fx_rate') }} as {{ charge }}_amount,
        {% endfor %}
        {{ in_reporting_currency('total_amount_local', 'fx_rate') }} as total_amount,
        case
            when is_cancelled or order_type = 'return' or not is_paid then 0
            else line_cost_amount
        end as cost_amount,
        cast(fee_amount as decimal(38, 4)) as fee_amount,

        -- flags
        is_paid,
        is_cancelled,
        has_amount,

        -- dates and timestamps
        ordered_at,
        ordered_date,
        cancelled_at,
        approved_at,
        shipped_at,
        delivered_at,
        promised_at,
        first_refund_date
    from valued
)

select * from final
