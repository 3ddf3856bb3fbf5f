with

orders as (select * from {{ ref('int_orders_valued') }}),

order_lines as (select * from {{ ref('int_order_lines_valued') }}),

products as (select * from {{ ref('int_products_unioned') }}),

final as (
    select
        -- keys
        orders.order_key,
        order_lines.product_key,
        orders.record_key,

        -- measures
        cast(sum(order_lines.quantity) as decimal(38, 4)) as bought_quantity,
        cast(sum(order_lines.quantity - order_lines.returned_quantity) as decimal(38, 4))
            as kept_quantity,

        -- dates and timestamps
        orders.ordered_date
    from order_lines
    inner join orders
        on order_lines.order_key = orders.order_key
    inner join products
        on order_lines.product_key = products.product_key
    where
        orders.is_paid
        and order_lines.line_type = 'sale'
        and order_lines.charge_kind is null
        and order_lines.quantity > 0
        and products.product_type not in ('service', 'fee', 'adjustment')
    group by
        orders.order_key,
        order_lines.product_key,
        orders.record_key,
        orders.ordered_date
)

select * from final
