with

orders as (select * from {{ ref('int_orders_priced') }}),

order_facts as (select * from {{ ref('fct_orders') }}),

reconciliation as (select * from {{ ref('reconciliation') }}),

amounts as (
    select
        system,
        currency,
        net_amount_local as priced_amount,
        0 as published_amount,
        0 as reconciled_amount
    from orders

    union all

    select
        system,
        currency,
        0 as priced_amount,
        net_amount_local as published_amount,
        0 as reconciled_amount
    from order_facts
    where customer_kind in ('known', 'inferred', 'guest')

    union all

    select
        system,
        subject as currency,
        0 as priced_amount,
        0 as published_amount,
        amount_local as reconciled_amount
    from reconciliation
    where
        topic = 'net_by_customer_kind'
        and bucket in ('known_customers', 'inferred_customers', 'guests')
),

final as (
    select
        system,
        currency,
        sum(priced_amount) as priced_amount,
        sum(published_amount) as published_amount,
        sum(reconciled_amount) as reconciled_amount
    from amounts
    group by system, currency
    having
        sum(priced_amount) <> sum(published_amount)
        or sum(priced_amount) <> sum(reconciled_amount)
)

select * from final
