with

files as (select * from {{ ref('stg_landing__files') }}),

landed_rows as (select * from {{ ref('stg_landing__rows') }}),

shop_customers as (select * from {{ ref('stg_shop__customers') }}),

shop_orders as (select * from {{ ref('stg_shop__orders') }}),

shop_order_items as (select * from {{ ref('stg_shop__order_items') }}),

shop_payments as (select * from {{ ref('stg_shop__payments') }}),

as_of as (select * from {{ ref('int_as_of') }}),

orders as (select * from {{ ref('int_orders_valued') }}),

records as (select * from {{ ref('int_records_clustered') }}),

payments as (select * from {{ ref('int_payments_valued') }}),

allocations as (select * from {{ ref('int_return_allocations_unioned') }}),

refunds as (select * from {{ ref('int_refunds_matched') }}),

refund_events as (select * from {{ ref('int_refund_events_unioned') }}),

file_rows as (
    select
        'rows_of_files' as topic,
        system,
        table_name as subject,
        'landed' as bucket,
        sum(landed_row_count) as row_count,
        cast(null as decimal(18, 4)) as amount_local,
        cast(null as decimal(18, 4)) as amount
    from files
    group by system, table_name

    union all

    select
        'rows_of_files' as topic,
        system,
        table_name as subject,
        'broken' as bucket,
        sum(broken_line_count) as row_count,
        cast(null as decimal(18, 4)) as amount_local,
        cast(null as decimal(18, 4)) as amount
    from files
    group by system, table_name
),

staged_rows as (
    select
        'rows_of_landing' as topic,
        system,
        table_name as subject,
        row_status as bucket,
        count(*) as row_count,
        cast(null as decimal(18, 4)) as amount_local,
        cast(null as decimal(18, 4)) as amount
    from landed_rows
    group by system, table_name, row_status
),

kinds_of_orders as (
    select
        orders.system,
        orders.currency,
        case
            when orders.record_key is null then 'guests'
            when records.is_inferred then 'inferred_customers'
            else 'known_customers'
        end as bucket,
        orders.net_amount_local,
        orders.fx_rate
    from orders
    left join records
        on orders.record_key = records.record_key
),

net_by_customer_kind as (
    select
        'net_by_customer_kind' as topic,
        system,
        currency as subject,
        bucket,
        count(*) as row_count,
        sum(net_amount_local) as amount_local,
        sum(round(net_amount_local * fx_rate, 4)) as amount
    from kinds_of_orders
    group by system, currency, bucket
),

{% set outcomes = {
    'realised': 'realised_amount_local',
    'cancelled': 'cancelled_amount_local',
    'open': 'open_amount_local',
    'refunded': 'refunded_amount_local',
    'applied_to_earlier_orders': '-applied_return_amount_local',
} %}
net_by_outcome as (
    {% for bucket, amount in outcomes.items() %}
        select
            'net_by_outcome' as topic,
            system,
            currency as subject,
            '{{ bucket }}' as bucket,
            count(*) filter (where {{ amount }} <> 0) as row_count,
            sum({{ amount }}) as amount_local,
            sum(round({{ amount }} * fx_rate, 4)) as amount
        from orders
        group by system, currency
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

returns_by_rule as (
    select
        'returns_by_rule' as topic,
        orders.system,
        allocations.currency as subject,
        allocations.match_rule as bucket,
        count(distinct allocations.return_line_key) as row_count,
        sum(allocations.amount_local) as amount_local,
        sum(round(allocations.amount_local * orders.fx_rate, 4)) as amount
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
        count(*) as row_count,
        sum(refunds.amount_local) as amount_local,
        sum(refunds.amount) as amount
    from refunds
    inner join payments
        on refunds.payment_key = payments.payment_key
    group by payments.system, refunds.currency, refunds.match_rule
),

-- A refund is worth what its own day's rate says in daily tables, and what its order's day says in
-- order tables; where its order has no rate, it has no amount in either.
fx_differences as (
    select
        'fx_difference' as topic,
        cast(null as string) as system,
        currency as subject,
        'refunds_at_own_date_less_at_order_date' as bucket,
        count(*) as row_count,
        cast(null as decimal(18, 4)) as amount_local,
        sum(amount - amount_at_order_rate) as amount
    from refund_events
    where
        is_counted
        and amount is not null
    group by currency
),

-- The smaller of goods and money where a shop booked one return as both.
double_booked as (
    select
        'double_booked_refunds' as topic,
        cast(null as string) as system,
        currency as subject,
        refund_source as bucket,
        count(*) as row_count,
        sum(amount_local) as amount_local,
        sum(amount_at_order_rate) as amount
    from refund_events
    where not is_counted
    group by currency, refund_source
),

without_rate as (
    select
        'no_fx_rate' as topic,
        system,
        currency as subject,
        'orders' as bucket,
        count(*) as row_count,
        sum(net_amount_local) as amount_local,
        cast(null as decimal(18, 4)) as amount
    from orders
    where fx_rate is null
    group by system, currency

    union all

    select
        'no_fx_rate' as topic,
        system,
        currency as subject,
        'payments' as bucket,
        count(*) as row_count,
        sum(amount_local) as amount_local,
        cast(null as decimal(18, 4)) as amount
    from payments
    where fx_rate is null
    group by system, currency
),

-- Staged rows that no fact holds, or not as they say.
outside_facts as (
    select
        'outside_facts' as topic,
        'shop' as system,
        'order_items' as subject,
        'line_without_order' as bucket,
        count(*) as row_count,
        sum(round(shop_order_items.quantity * shop_order_items.unit_price_local, 4))
            as amount_local,
        cast(null as decimal(18, 4)) as amount
    from shop_order_items
    left join shop_orders
        on shop_order_items.native_order_id = shop_orders.native_order_id
    where shop_orders.native_order_id is null

    union all

    select
        'outside_facts' as topic,
        'shop' as system,
        'payments' as subject,
        'payment_without_order' as bucket,
        count(*) as row_count,
        sum(shop_payments.amount_local) as amount_local,
        cast(null as decimal(18, 4)) as amount
    from shop_payments
    left join shop_orders
        on shop_payments.native_order_id = shop_orders.native_order_id
    where
        shop_payments.native_order_id is not null
        and shop_orders.native_order_id is null

    union all

    select
        'outside_facts' as topic,
        'shop' as system,
        'customers' as subject,
        'after_as_of_date' as bucket,
        count(*) as row_count,
        cast(null as decimal(18, 4)) as amount_local,
        cast(null as decimal(18, 4)) as amount
    from shop_customers
    inner join as_of
        on {{ business_date('shop_customers.registered_at') }} > as_of.as_of_date

    union all

    select
        'outside_facts' as topic,
        'shop' as system,
        'order_items' as subject,
        'after_as_of_date' as bucket,
        count(*) as row_count,
        cast(null as decimal(18, 4)) as amount_local,
        cast(null as decimal(18, 4)) as amount
    from shop_order_items
    inner join shop_orders
        on shop_order_items.native_order_id = shop_orders.native_order_id
    inner join as_of
        on shop_orders.ordered_date > as_of.as_of_date

    union all

    select
        'outside_facts' as topic,
        'shop' as system,
        'orders' as subject,
        'after_as_of_date' as bucket,
        count(*) as row_count,
        cast(null as decimal(18, 4)) as amount_local,
        cast(null as decimal(18, 4)) as amount
    from shop_orders
    inner join as_of
        on shop_orders.ordered_date > as_of.as_of_date

    union all

    select
        'outside_facts' as topic,
        'shop' as system,
        'payments' as subject,
        'after_as_of_date' as bucket,
        count(*) as row_count,
        cast(null as decimal(18, 4)) as amount_local,
        cast(null as decimal(18, 4)) as amount
    from shop_payments
    inner join as_of
        on shop_payments.paid_date > as_of.as_of_date
),

doubtful as (
    select
        'doubtful' as topic,
        system,
        'orders' as subject,
        'order_without_amount' as bucket,
        count(*) as row_count,
        cast(null as decimal(18, 4)) as amount_local,
        cast(null as decimal(18, 4)) as amount
    from orders
    where not has_amount
    group by system

    union all

    select
        'doubtful' as topic,
        system,
        'orders' as subject,
        'unmapped_status: ' || status_word as bucket,
        count(*) as row_count,
        sum(net_amount_local) as amount_local,
        sum(round(net_amount_local * fx_rate, 4)) as amount
    from orders
    where status = 'unmapped'
    group by system, status_word

    union all

    select
        'doubtful' as topic,
        'shop' as system,
        'payments' as subject,
        'unmapped_status: ' || shop_payments.status_word as bucket,
        count(*) as row_count,
        sum(shop_payments.amount_local) as amount_local,
        cast(null as decimal(18, 4)) as amount
    from shop_payments
    where shop_payments.is_status_unmapped
    group by shop_payments.status_word
),

{% set parts = [
    'file_rows',
    'staged_rows',
    'net_by_customer_kind',
    'net_by_outcome',
    'returns_by_rule',
    'refunds_by_rule',
    'fx_differences',
    'double_booked',
    'without_rate',
    'outside_facts',
    'doubtful',
] %}
buckets as (
    {% for part in parts %}
        select
            topic,
            system,
            subject,
            bucket,
            row_count,
            amount_local,
            amount
        from {{ part }}
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

final as (
    select
        -- keys
        topic,
        coalesce(system, 'all') as system,
        subject,
        bucket,

        -- measures
        cast(row_count as bigint) as row_count,
        cast(amount_local as decimal(18, 4)) as amount_local,
        cast(amount as decimal(18, 4)) as amount
    from buckets
)

select * from final
