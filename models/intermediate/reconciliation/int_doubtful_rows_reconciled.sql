with

orders as (select * from {{ ref('int_orders_valued') }}),

deliveries as (select * from {{ ref('int_orders_seen') }}),

order_coupons as (select * from {{ ref('int_order_coupons_judged') }}),

payments as (select * from {{ ref('int_payments_unioned') }}),

points_ledger as (select * from {{ ref('int_loyalty_points_ledger') }}),

surveys as (select * from {{ ref('int_surveys_judged') }}),

as_of as (select * from {{ ref('int_as_of') }}),

tickets as (select * from {{ ref('stg_crm__tickets') }}),

interactions as (select * from {{ ref('stg_crm__interactions') }}),

social_profiles as (select * from {{ ref('stg_crm__social_profiles') }}),

reviews as (select * from {{ ref('stg_shop__reviews') }}),

landed_rows as (select * from {{ ref('stg_landing__rows') }}),

-- An order of several codes counts once for each status.
coupon_statuses as (
    select
        order_key,
        coupon_status
    from order_coupons
    group by order_key, coupon_status
),

doubtful_rows as (
    -- Rows that stand aside, although nothing says that they are older than the row in use.
    select
        system,
        table_name as subject,
        doubt as bucket,
        doubt_amount_local as amount_local,
        cast(null as decimal(38, 4)) as amount
    from landed_rows
    where doubt is not null

    union all

    select
        system,
        {{ staged_table('orders', 'system') }} as subject,
        'order_without_amount' as bucket,
        cast(null as decimal(38, 4)) as amount_local,
        cast(null as decimal(38, 4)) as amount
    from orders
    where not has_amount

    union all

    select
        system,
        {{ staged_table('orders', 'system') }} as subject,
        'unmapped_status: ' || status_word as bucket,
        net_amount_local as amount_local,
        {{ in_reporting_currency('net_amount_local', 'fx_rate') }} as amount
    from orders
    where status = 'unmapped'

    union all

    select
        orders.system,
        {{ staged_table('orders', 'orders.system') }} as subject,
        'unmapped_order_type: ' || deliveries.order_type_word as bucket,
        orders.net_amount_local as amount_local,
        {{ in_reporting_currency('orders.net_amount_local', 'orders.fx_rate') }} as amount
    from deliveries
    inner join orders
        on deliveries.order_key = orders.order_key
    where deliveries.order_type = 'unmapped'

    union all

    -- The status says that some or all of it went back, and no row says what did.
    select
        system,
        {{ staged_table('orders', 'system') }} as subject,
        'refund_without_amount: ' || status_word as bucket,
        net_amount_local as amount_local,
        {{ in_reporting_currency('net_amount_local', 'fx_rate') }} as amount
    from orders
    where
        status = 'returned'
        and order_type in ('sale', 'service')
        and net_amount_local > 0
        and refunded_amount_local = 0

    union all

    -- A return names the coupon of its order, where the coupon is judged.
    select
        orders.system,
        {{ staged_table('orders', 'orders.system') }} as subject,
        'coupon_' || coupon_statuses.coupon_status as bucket,
        orders.net_amount_local as amount_local,
        {{ in_reporting_currency('orders.net_amount_local', 'orders.fx_rate') }} as amount
    from coupon_statuses
    inner join orders
        on coupon_statuses.order_key = orders.order_key
    where
        coupon_statuses.coupon_status <> 'valid'
        and orders.order_type <> 'return'

    union all

    select
        system,
        {{ staged_table('payments', 'system') }} as subject,
        'unmapped_status: ' || status_word as bucket,
        amount_local,
        cast(null as decimal(38, 4)) as amount
    from payments
    where is_status_unmapped

    union all

    select
        system,
        {{ staged_table('payments', 'system') }} as subject,
        'unmapped_payment_type: ' || payment_type_word as bucket,
        amount_local,
        cast(null as decimal(38, 4)) as amount
    from payments
    where payment_type = 'unmapped'

    union all

    -- More points were to be taken than the customer had.
    select
        'crm' as system,
        'loyalty_points' as subject,
        'points_uncovered' as bucket,
        cast(null as decimal(38, 4)) as amount_local,
        cast(null as decimal(38, 4)) as amount
    from points_ledger
    where uncovered_points > 0

    union all

    select
        'crm' as system,
        'surveys' as subject,
        'score_outside_scale' as bucket,
        cast(null as decimal(38, 4)) as amount_local,
        cast(null as decimal(38, 4)) as amount
    from surveys
    where score_group = 'outside'

    {% for system, subject, number, date in [
        ('crm', 'tickets', 'satisfaction', 'opened_date'),
        ('crm', 'interactions', 'sentiment', 'started_date'),
        ('crm', 'social_profiles', 'sentiment', 'observed_date'),
        ('shop', 'reviews', 'rating', 'written_date'),
    ] %}
        union all

        select
            '{{ system }}' as system,
            '{{ subject }}' as subject,
            'score_outside_scale' as bucket,
            cast(null as decimal(38, 4)) as amount_local,
            cast(null as decimal(38, 4)) as amount
        from {{ subject }}
        cross join as_of
        where
            {{ subject }}.written_{{ number }} is not null
            and {{ subject }}.{{ number }} is null
            and coalesce({{ subject }}.{{ date }} <= as_of.as_of_date, true)

    {% endfor %}
),

final as (
    select
        'doubtful' as topic,
        system,
        subject,
        bucket,
        count(*) as rows_count,
        sum(amount_local) as amount_local,
        sum(amount) as amount
    from doubtful_rows
    group by system, subject, bucket
)

select * from final
