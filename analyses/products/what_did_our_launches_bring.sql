-- Who tried the products of the last year, who came back, and what did other categories lose?
select
    launches.product_id,
    products.product_name,
    launches.launched_date,
    launches.trial_buyers_count,
    round(launches.trial_pct, 2) as trial_pct,
    round(launches.repeat_pct, 1) as repeat_pct,
    round(launches.new_customers_pct, 1) as new_customers_pct,
    launches.realised_amount,
    launches.cannibalised_category,
    launches.cannibalised_amount
from marts.rpt_product_launch as launches
inner join marts.dim_products as products
    on launches.product_id = products.product_id
order by launches.trial_buyers_count desc, launches.product_id asc
