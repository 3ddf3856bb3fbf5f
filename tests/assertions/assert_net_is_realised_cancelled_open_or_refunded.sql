with

orders as (select * from {{ ref('fct_orders') }}),

reconciliation as (select * from {{ ref('reconciliation') }}),

amounts as (
    select
        system,
        currency,
        net_amount_local as net_amount,
        realised_amount_local
        + cancelled_amount_local
        + open_amount_local
        + refunded_amount_local
        - applied_return_amount_local as outcome_amount,
        0 as reconciled_amount
    from orders

    union all

    select
        system,
        subject as currency,
        0 as net_amount,
        0 as outcome_amount,
        amount_local as reconciled_amount
    from reconciliation
    where topic = 'net_by_outcome'
),

final as (
    select
        system,
        currency,
        sum(net_amount) as net_amount,
        sum(outcome_amount) as outcome_amount,
        sum(reconciled_amount) as reconciled_amount
    from amounts
    group by system, currency
    having
        sum(net_amount) <> sum(outcome_amount)
        or sum(net_amount) <> sum(reconciled_amount)
)

select * from final
