with

orders as (select * from {{ ref('fct_orders') }}),

order_costs as (select * from {{ ref('fct_order_costs') }}),

cost_totals as (
    select
        order_id,
        sum(amount) as amount
    from order_costs
    where counts_as <> 'nothing'
    group by order_id
),

final as (
    select
        orders.order_id,
        orders.margin_amount,
        cost_totals.amount
    from orders
    left join cost_totals
        on orders.order_id = cost_totals.order_id
    where
        orders.margin_amount is not null
        and abs(
            orders.gross_amount - orders.cancelled_amount - orders.open_amount
            + orders.applied_return_amount - coalesce(cost_totals.amount, 0) - orders.margin_amount
        ) > 0.0004
)

select * from final
