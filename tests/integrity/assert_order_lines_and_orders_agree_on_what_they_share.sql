with

orders as (select * from {{ ref('fct_orders') }}),

order_lines as (select * from {{ ref('fct_order_lines') }}),

final as (
    select
        order_lines.order_line_id,
        orders.order_id
    from order_lines
    inner join orders
        on order_lines.order_id = orders.order_id
    where
        coalesce(order_lines.customer_id, '') <> coalesce(orders.customer_id, '')
        or order_lines.currency <> orders.currency
        or order_lines.ordered_date <> orders.ordered_date
)

select * from final
