with

files as (select * from {{ ref('stg_landing__files') }}),

landed_rows as (select * from {{ ref('stg_landing__rows') }}),

known_records as (select * from {{ ref('int_record_attributes_unioned') }}),

orders_unioned as (select * from {{ ref('int_orders_unioned') }}),

order_lines_unioned as (select * from {{ ref('int_order_lines_unioned') }}),

payments_unioned as (select * from {{ ref('int_payments_unioned') }}),

fees_unioned as (select * from {{ ref('int_order_fees_unioned') }}),

crm_identifiers as (select * from {{ ref('stg_crm__identifiers') }}),

crm_relationships as (select * from {{ ref('stg_crm__relationships') }}),

loyalty_points as (select * from {{ ref('stg_crm__loyalty_points') }}),

surveys as (select * from {{ ref('stg_crm__surveys') }}),

app_events as (select * from {{ ref('stg_app__events') }}),

as_of as (select * from {{ ref('int_as_of') }}),

orders as (select * from {{ ref('int_orders_valued') }}),

records as (select * from {{ ref('int_records_clustered') }}),

payments as (select * from {{ ref('int_payments_valued') }}),

fees as (select * from {{ ref('int_order_fees_valued') }}),

order_coupons as (select * from {{ ref('int_order_coupons_judged') }}),

allocations as (select * from {{ ref('int_return_allocations_unioned') }}),

refunds as (select * from {{ ref('int_refunds_matched') }}),

refund_events as (select * from {{ ref('int_refund_events_unioned') }}),

points_ledger as (select * from {{ ref('int_loyalty_points_ledger') }}),

judged_surveys as (select * from {{ ref('int_surveys_judged') }}),

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

    union all

    select
        'no_fx_rate' as topic,
        system,
        currency as subject,
        'fees' as bucket,
        count(*) as row_count,
        sum(amount_local) as amount_local,
        cast(null as decimal(18, 4)) as amount
    from fees
    where fx_rate is null
    group by system, currency
),

-- Staged rows that no fact holds, or without the row that they name.
rows_outside as (
    select
        order_lines_unioned.system,
        {{ staged_table('order_lines', 'order_lines_unioned.system') }} as subject,
        case
            when orders_unioned.native_order_id is null then 'line_without_order'
            else 'after_as_of_date'
        end as bucket,
        round(order_lines_unioned.quantity * order_lines_unioned.unit_price_local, 4)
            as amount_local
    from order_lines_unioned
    left join orders_unioned
        on
            order_lines_unioned.system = orders_unioned.system
            and order_lines_unioned.native_order_id = orders_unioned.native_order_id
    inner join as_of
        on
            orders_unioned.native_order_id is null
            or orders_unioned.ordered_date > as_of.as_of_date

    union all

    select
        payments_unioned.system,
        {{ staged_table('payments', 'payments_unioned.system') }} as subject,
        'payment_without_order' as bucket,
        payments_unioned.amount_local
    from payments_unioned
    left join orders_unioned
        on
            payments_unioned.system = orders_unioned.system
            and payments_unioned.native_order_id = orders_unioned.native_order_id
    where
        payments_unioned.native_order_id is not null
        and orders_unioned.native_order_id is null

    union all

    select
        payments_unioned.system,
        {{ staged_table('payments', 'payments_unioned.system') }} as subject,
        'after_as_of_date' as bucket,
        payments_unioned.amount_local
    from payments_unioned
    inner join as_of
        on payments_unioned.paid_date > as_of.as_of_date

    union all

    select
        fees_unioned.system,
        {{ staged_table('fees', 'fees_unioned.system') }} as subject,
        case
            when orders_unioned.native_order_id is null then 'fee_without_order'
            else 'after_as_of_date'
        end as bucket,
        fees_unioned.amount_local
    from fees_unioned
    left join orders_unioned
        on
            fees_unioned.system = orders_unioned.system
            and fees_unioned.native_order_id = orders_unioned.native_order_id
    inner join as_of
        on
            orders_unioned.native_order_id is null
            or orders_unioned.ordered_date > as_of.as_of_date
            or {{ business_date('fees_unioned.charged_at') }} > as_of.as_of_date

    union all

    select
        orders_unioned.system,
        {{ staged_table('orders', 'orders_unioned.system') }} as subject,
        'after_as_of_date' as bucket,
        orders_unioned.header_net_amount_local as amount_local
    from orders_unioned
    inner join as_of
        on orders_unioned.ordered_date > as_of.as_of_date

    union all

    select
        known_records.system,
        {{ staged_table('customers', 'known_records.system') }} as subject,
        'after_as_of_date' as bucket,
        cast(null as decimal(18, 4)) as amount_local
    from known_records
    inner join as_of
        on {{ business_date('known_records.registered_at') }} > as_of.as_of_date

    union all

    select
        'crm' as system,
        'identifiers' as subject,
        'identifier_without_record' as bucket,
        cast(null as decimal(18, 4)) as amount_local
    from crm_identifiers
    left join known_records
        on
            crm_identifiers.system = known_records.system
            and crm_identifiers.native_customer_id = known_records.native_customer_id
    where known_records.record_key is null

    union all

    select
        'crm' as system,
        'relationships' as subject,
        case
            when {{ business_date('crm_relationships.created_at') }} > as_of.as_of_date
                then 'after_as_of_date'
            else 'relationship_without_record'
        end as bucket,
        cast(null as decimal(18, 4)) as amount_local
    from crm_relationships
    cross join as_of
    left join records
        on
            crm_relationships.system = records.system
            and crm_relationships.native_customer_id = records.native_customer_id
    left join records as related_records
        on
            crm_relationships.related_system = related_records.system
            and crm_relationships.related_native_customer_id = related_records.native_customer_id
    where
        {{ business_date('crm_relationships.created_at') }} > as_of.as_of_date
        or records.record_key is null
        or related_records.record_key is null

    {% for subject, noun, date in [
        ('loyalty_points', 'points', 'occurred_date'),
        ('surveys', 'survey', 'asked_date'),
    ] %}
        union all

        select
            'crm' as system,
            '{{ subject }}' as subject,
            case
                when {{ subject }}.{{ date }} > as_of.as_of_date then 'after_as_of_date'
                else '{{ noun }}_without_record'
            end as bucket,
            cast(null as decimal(18, 4)) as amount_local
        from {{ subject }}
        cross join as_of
        left join records
            on
                {{ subject }}.system = records.system
                and {{ subject }}.native_customer_id = records.native_customer_id
        where
            {{ subject }}.{{ date }} > as_of.as_of_date
            or records.record_key is null

    {% endfor %}
    union all

    select
        'app' as system,
        'events' as subject,
        'after_as_of_date' as bucket,
        cast(null as decimal(18, 4)) as amount_local
    from app_events
    inner join as_of
        on app_events.occurred_date > as_of.as_of_date
),

outside_facts as (
    select
        'outside_facts' as topic,
        system,
        subject,
        bucket,
        count(*) as row_count,
        sum(amount_local) as amount_local,
        cast(null as decimal(18, 4)) as amount
    from rows_outside
    group by system, subject, bucket
),

doubtful as (
    select
        'doubtful' as topic,
        system,
        {{ staged_table('orders', 'system') }} as subject,
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
        {{ staged_table('orders', 'system') }} as subject,
        'unmapped_status: ' || status_word as bucket,
        count(*) as row_count,
        sum(net_amount_local) as amount_local,
        sum(round(net_amount_local * fx_rate, 4)) as amount
    from orders
    where status = 'unmapped'
    group by system, status_word

    union all

    -- what comes back names the coupon of what was bought
    select
        'doubtful' as topic,
        orders.system,
        {{ staged_table('orders', 'orders.system') }} as subject,
        'coupon_' || order_coupons.coupon_status as bucket,
        count(*) as row_count,
        sum(orders.net_amount_local) as amount_local,
        sum(round(orders.net_amount_local * orders.fx_rate, 4)) as amount
    from order_coupons
    inner join orders
        on order_coupons.order_key = orders.order_key
    where
        order_coupons.coupon_status <> 'valid'
        and orders.order_type <> 'return'
    group by orders.system, order_coupons.coupon_status

    union all

    select
        'doubtful' as topic,
        system,
        {{ staged_table('payments', 'system') }} as subject,
        'unmapped_status: ' || status_word as bucket,
        count(*) as row_count,
        sum(amount_local) as amount_local,
        cast(null as decimal(18, 4)) as amount
    from payments_unioned
    where is_status_unmapped
    group by system, status_word

    union all

    -- more was to be taken than there was
    select
        'doubtful' as topic,
        'crm' as system,
        'loyalty_points' as subject,
        'points_uncovered' as bucket,
        count(*) as row_count,
        cast(null as decimal(18, 4)) as amount_local,
        cast(null as decimal(18, 4)) as amount
    from points_ledger
    where uncovered_points > 0
    having count(*) > 0

    union all

    select
        'doubtful' as topic,
        'crm' as system,
        'surveys' as subject,
        'score_outside_scale' as bucket,
        count(*) as row_count,
        cast(null as decimal(18, 4)) as amount_local,
        cast(null as decimal(18, 4)) as amount
    from judged_surveys
    where score_group = 'outside'
    having count(*) > 0
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
