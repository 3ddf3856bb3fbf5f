with

payments as (select * from {{ ref('fct_payments') }}),

reconciliation as (select * from {{ ref('reconciliation') }}),

amounts as (
    select
        system,
        currency,
        match_rule,
        amount_local - goods_amount_local as beside_goods_amount
    from payments
    where
        match_rule is not null
        and match_rule <> 'cash_side'

    union all

    select
        system,
        subject as currency,
        bucket as match_rule,
        -amount_local as beside_goods_amount
    from reconciliation
    where topic = 'refunds_beside_goods'
),

final as (
    select
        system,
        currency,
        match_rule,
        sum(beside_goods_amount) as difference_amount
    from amounts
    group by system, currency, match_rule
    having sum(beside_goods_amount) <> 0
)

select * from final
