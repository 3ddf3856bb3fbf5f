-- Which new products are recommended most, to how many customers who may be written to?
select
    products.product_name,
    products.category,
    count(*) as customers_count,
    count(*) filter (where portraits.has_email_consent) as may_be_written_to_count
from marts.customer_recommendations as recommendations
inner join marts.dim_products as products
    on recommendations.product_id = products.product_id
inner join marts.customer_portrait as portraits
    on recommendations.customer_id = portraits.customer_id
where
    recommendations.recommendation_kind = 'new'
    and recommendations.recommendation_rank = 1
group by recommendations.product_id, products.product_name, products.category
order by customers_count desc, recommendations.product_id asc
limit 20
