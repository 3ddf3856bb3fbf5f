with

orders as (select * from {{ ref('int_orders_valued') }}),

order_coupons as (select * from {{ ref('int_order_coupons_judged') }}),

payments as (select * from {{ ref('int_payments_unioned') }}),

points_ledger as (select * from {{ ref('int_loyalty_points_ledger') }}),

surveys as (select * from {{ ref('int_surveys_judged') }}),

landed_rows as (select * from {{ ref('stg_landing__rows') }}),

doubtful_rows as (
    -- Rows that stand aside, although nothing says that they are older than the row in use.
    select
        system,
        table_name as subject,
        doubt as bucket,
        doubt_amount_local as amount_local,
        cast(null as decimal(18, 4)) as amount
    from landed_rows
    where doubt is not null

    union all

    select
        system,
        {{ staged_table('orders', 'system') }} as subject,
        'order_without_amount' as bucket,
        cast(null as decimal(18, 4)) as amount_local,
        cast(null as decimal(18, 4)) as amount
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

    -- A return names the coupon of its order, where the coupon is judged.
    select
        orders.system,
        {{ staged_table('orders', 'orders.system') }} as subject,
        'coupon_' || order_coupons.coupon_status as bucket,
        orders.net_amount_local as amount_local,
        {{ in_reporting_currency('orders.net_amount_local', 'orders.fx_rate') }} as amount
    from order_coupons
    inner join orders
        on order_coupons.order_key = orders.order_key
    where
        order_coupons.coupon_status <> 'valid'
        and orders.order_type <> 'return'

    union all

    select
        system,
        {{ staged_table('payments', 'system') }} as subject,
        'unmapped_status: ' || status_word as bucket,
        amount_local,
        cast(null as decimal(18, 4)) as amount
    from payments
    where is_status_unmapped

    union all

    -- More points were to be taken than the customer had.
    select
        'crm' as system,
        'loyalty_points' as subject,
        'points_uncovered' as bucket,
        cast(null as decimal(18, 4)) as amount_local,
        cast(null as decimal(18, 4)) as amount
    from points_ledger
    where uncovered_points > 0

    union all

    select
        'crm' as system,
        'surveys' as subject,
        'score_outside_scale' as bucket,
        cast(null as decimal(18, 4)) as amount_local,
        cast(null as decimal(18, 4)) as amount
    from surveys
    where score_group = 'outside'
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
