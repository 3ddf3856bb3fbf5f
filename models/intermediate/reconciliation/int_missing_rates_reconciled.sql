with

orders as (select * from {{ ref('int_orders_valued') }}),

payments as (select * from {{ ref('int_payments_valued') }}),

fees as (select * from {{ ref('int_order_fees_valued') }}),

rows_without_rate as (
    select
        'orders' as bucket,
        system,
        currency,
        net_amount_local as amount_local
    from orders
    where fx_rate is null

    union all

    select
        'payments' as bucket,
        system,
        currency,
        amount_local
    from payments
    where fx_rate is null

    union all

    select
        'fees' as bucket,
        system,
        currency,
        amount_local
    from fees
    where fx_rate is null
),

final as (
    select
        'no_fx_rate' as topic,
        system,
        currency as subject,
        bucket,
        count(*) as rows_count,
        sum(amount_local) as amount_local,
        cast(null as decimal(38, 4)) as amount
    from rows_without_rate
    group by system, currency, bucket
)

select * from final
