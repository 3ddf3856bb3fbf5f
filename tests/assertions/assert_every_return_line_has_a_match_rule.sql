with

order_lines as (select * from {{ ref('fct_order_lines') }}),

orders as (select * from {{ ref('fct_orders') }}),

-- A cancelled document takes nothing back.
final as (
    select
        order_lines.order_line_id,
        order_lines.line_type,
        order_lines.match_rule,
        orders.is_cancelled
    from order_lines
    inner join orders
        on order_lines.order_id = orders.order_id
    where
        (order_lines.match_rule is not null)
        <> (order_lines.line_type = 'return' and not orders.is_cancelled)
)

select * from final
