-- Which regions with at least 50 customers buy more often, or for more money, than all customers do
-- (an index of 100 is the same as all)?
select
    country_code,
    region,
    customers_count,
    round(orders_per_buyer_index) as orders_per_buyer_index,
    round(average_order_value_index) as average_order_value_index,
    round(realised_per_customer_index) as realised_per_customer_index,
    round(return_rate_index) as return_rate_index
from marts.rpt_region_behavior
where customers_count >= 50
order by realised_per_customer_index desc, country_code asc, region asc
