with

recommendations as (select * from {{ ref('customer_recommendations') }}),

order_lines as (select * from {{ ref('fct_order_lines') }}),

orders as (select * from {{ ref('fct_orders') }}),

bought as (
    select
        order_lines.customer_id,
        order_lines.product_id,
        count(distinct order_lines.order_id) as orders_count
    from order_lines
    inner join orders
        on order_lines.order_id = orders.order_id
    where
        orders.is_paid
        and order_lines.line_type = 'sale'
        and order_lines.charge_kind is null
        and order_lines.quantity > 0
    group by order_lines.customer_id, order_lines.product_id
),

final as (
    select
        recommendations.customer_id,
        recommendations.recommendation_kind,
        recommendations.product_id
    from recommendations
    left join bought
        on
            recommendations.customer_id = bought.customer_id
            and recommendations.product_id = bought.product_id
    where recommendations.orders_count <> coalesce(bought.orders_count, 0)
)

select * from final
