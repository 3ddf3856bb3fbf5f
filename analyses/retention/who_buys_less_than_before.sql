-- Which valuable customers spent in the 30 days before, and nothing in the last 30 days?
select
    behavior.customer_id,
    segments.value_tier,
    behavior.realised_prior_30d_amount,
    behavior.since_last_order_days
from marts.customer_behavior_30d as behavior
inner join marts.customer_segments as segments
    on behavior.customer_id = segments.customer_id
where
    behavior.orders_30d_count = 0
    and behavior.realised_prior_30d_amount > 0
    and segments.value_tier in ('top', 'high')
order by behavior.realised_prior_30d_amount desc, behavior.customer_id asc
