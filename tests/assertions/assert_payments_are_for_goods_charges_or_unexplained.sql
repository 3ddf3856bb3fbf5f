with

orders as (select * from {{ ref('fct_orders') }}),

reconciliation as (select * from {{ ref('reconciliation') }}),

amounts as (
    select
        system,
        currency,
        paid_amount_local as paid_amount,
        0 as reconciled_amount
    from orders

    union all

    select
        system,
        subject as currency,
        0 as paid_amount,
        amount_local as reconciled_amount
    from reconciliation
    where topic = 'paid_by_part'
),

final as (
    select
        system,
        currency,
        sum(paid_amount) as paid_amount,
        sum(reconciled_amount) as reconciled_amount
    from amounts
    group by system, currency
    having sum(paid_amount) <> sum(reconciled_amount)
)

select * from final
