with

orders as (select * from {{ ref('fct_orders') }}),

order_costs as (select * from {{ ref('fct_order_costs') }}),

cost_totals as (
    select
        order_id,
        sum(amount) as amount,
        count(*) - count(amount) as unrated_count
    from order_costs
    where counts_as = 'fee'
    group by order_id
),

final as (
    select
        orders.order_id,
        orders.fee_amount,
        cost_totals.amount
    from orders
    left join cost_totals
        on orders.order_id = cost_totals.order_id
    where
        case
            when cost_totals.unrated_count > 0 then orders.fee_amount is not null
            else coalesce(orders.fee_amount <> coalesce(cost_totals.amount, 0), true)
        end
)

select * from final
