-- Which products are returned most often, by units sold?
select
    products.product_id,
    products.product_name,
    sum(lines.quantity) as sold_count,
    sum(lines.returned_quantity) as returned_count,
    round(100 * sum(lines.returned_quantity) / sum(lines.quantity), 1) as return_rate_pct
from marts.fct_order_lines as lines
inner join marts.dim_products as products
    on lines.product_id = products.product_id
where lines.line_type = 'sale'
group by products.product_id, products.product_name
having sum(lines.returned_quantity) > 0
order by return_rate_pct desc, products.product_id asc
limit 20
