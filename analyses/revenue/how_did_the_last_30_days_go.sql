-- How do the last 30 days compare with the 30 days before them?
select
    sum(orders_30d_count) as orders_30d_count,
    sum(orders_prior_30d_count) as orders_prior_30d_count,
    sum(realised_30d_amount) as realised_30d_amount,
    sum(realised_prior_30d_amount) as realised_prior_30d_amount,
    count(*) filter (where orders_30d_count > 0) as ordering_customers_30d_count,
    count(*) filter (where orders_prior_30d_count > 0) as ordering_customers_prior_30d_count
from marts.customer_behavior_30d
