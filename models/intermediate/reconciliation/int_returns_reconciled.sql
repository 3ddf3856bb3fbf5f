with

orders as (select * from {{ ref('int_orders_valued') }}),

payments as (select * from {{ ref('int_payments_valued') }}),

allocations as (select * from {{ ref('int_return_allocations_unioned') }}),

refunds as (select * from {{ ref('int_refunds_parted') }}),

refund_events as (select * from {{ ref('int_refund_events_unioned') }}),

returns_by_rule as (
    select
        'returns_by_rule' as topic,
        orders.system,
        allocations.currency as subject,
        allocations.match_rule as bucket,
        count(distinct allocations.return_line_key) as rows_count,
        sum(allocations.amount_local) as amount_local,
        sum({{ in_reporting_currency('allocations.amount_local', 'orders.fx_rate') }}) as amount
    from allocations
    inner join orders
        on allocations.return_order_key = orders.order_key
    group by orders.system, allocations.currency, allocations.match_rule
),

refunds_by_rule as (
    select
        'refunds_by_rule' as topic,
        payments.system,
        refunds.currency as subject,
        refunds.match_rule as bucket,
        count(*) as rows_count,
        sum(refunds.amount_local) as amount_local,
        sum(refunds.amount) as amount
    from refunds
    inner join payments
        on refunds.payment_key = payments.payment_key
    group by payments.system, refunds.currency, refunds.match_rule

    union all

    -- No row says it: the status of the order, or of its payment, does.
    select
        'refunds_by_rule' as topic,
        orders.system,
        refund_events.currency as subject,
        refund_events.match_rule as bucket,
        count(*) as rows_count,
        sum(refund_events.amount_local) as amount_local,
        sum(refund_events.amount) as amount
    from refund_events
    inner join orders
        on refund_events.order_key = orders.order_key
    where refund_events.match_rule = 'status'
    group by orders.system, refund_events.currency, refund_events.match_rule
),

-- What a refund gives back of shipping, tax and other charges: no loss of goods revenue.
refunds_beside_goods as (
    select
        'refunds_beside_goods' as topic,
        payments.system,
        refunds.currency as subject,
        refunds.match_rule as bucket,
        count(*) as rows_count,
        sum(refunds.amount_local - refunds.goods_amount_local) as amount_local,
        sum(
            refunds.amount
            - {{ in_reporting_currency('refunds.goods_amount_local', 'payments.fx_rate') }}
        ) as amount
    from refunds
    inner join payments
        on refunds.payment_key = payments.payment_key
    where
        refunds.match_rule <> 'cash_side'
        and refunds.amount_local <> refunds.goods_amount_local
    group by payments.system, refunds.currency, refunds.match_rule
),

-- Daily tables value a refund at the rate of its own day, order tables at the rate of its order's
-- day. A refund whose order has no rate has no amount in either.
fx_differences as (
    select
        'fx_difference' as topic,
        cast(null as string) as system,
        currency as subject,
        'refunds_at_own_date_less_at_order_date' as bucket,
        count(*) as rows_count,
        cast(null as decimal(38, 4)) as amount_local,
        sum(amount - amount_at_order_rate) as amount
    from refund_events
    where
        is_counted
        and amount is not null
    group by currency
),

-- Where a shop booked one return both as goods and as money, the smaller of the two.
double_booked_refunds as (
    select
        'double_booked_refunds' as topic,
        cast(null as string) as system,
        currency as subject,
        refund_source as bucket,
        count(*) as rows_count,
        sum(amount_local) as amount_local,
        sum(amount_at_order_rate) as amount
    from refund_events
    where not is_counted
    group by currency, refund_source
),

{% set topics = [
    'returns_by_rule',
    'refunds_by_rule',
    'refunds_beside_goods',
    'fx_differences',
    'double_booked_refunds',
] %}
final as (
    {% for topic in topics %}
        select
            topic,
            system,
            subject,
            bucket,
            rows_count,
            amount_local,
            amount
        from {{ topic }}
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
)

select * from final
