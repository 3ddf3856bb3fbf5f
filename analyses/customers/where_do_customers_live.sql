-- Where do our buyers live, and how much revenue does an order bring there?
select
    coalesce(customers.country_code, 'unknown') as country_code,
    coalesce(customers.region, 'unknown') as region,
    count(distinct orders.customer_id) as buyer_count,
    count(*) as paid_orders_count,
    round(sum(orders.realised_amount) / count(*), 2) as realised_per_order_amount
from marts.fct_orders as orders
inner join marts.dim_customers as customers
    on orders.customer_id = customers.customer_id
where orders.is_paid
group by coalesce(customers.country_code, 'unknown'), coalesce(customers.region, 'unknown')
order by buyer_count desc, country_code asc, region asc
