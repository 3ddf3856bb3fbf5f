with

order_lines as (select * from {{ ref('int_order_lines_realised') }}),

orders as (select * from {{ ref('int_orders_valued') }}),

facts as (select * from {{ ref('fct_orders') }}),

line_totals as (
    select
        order_key,
        sum(realised_amount) as realised_amount,
        sum(sold_quantity) as sold_quantity
    from order_lines
    group by order_key
),

final as (
    select
        facts.order_id,
        facts.realised_amount,
        line_totals.realised_amount as line_realised_amount,
        line_totals.sold_quantity
    from facts
    inner join orders
        on facts.order_id = orders.order_id
    left join line_totals
        on orders.order_key = line_totals.order_key
    where
        line_totals.order_key is null
        or (facts.realised_amount is null) <> (line_totals.realised_amount is null)
        or facts.realised_amount <> line_totals.realised_amount
        or line_totals.sold_quantity <> case when facts.is_paid then facts.items_count else 0 end
)

select * from final
