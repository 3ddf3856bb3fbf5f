-- Which campaigns brought more than doing nothing, how sure is that, and was it worth the cost?
select
    campaign_id,
    campaign_name,
    arm,
    lift_status,
    customers_count,
    holdout_customers_count,
    round(response_pct, 1) as response_pct,
    round(holdout_response_pct, 1) as holdout_response_pct,
    round(response_lift_points, 1) as response_lift_points,
    round(lower_response_lift_points, 1) as lower_response_lift_points,
    round(upper_response_lift_points, 1) as upper_response_lift_points,
    round(smallest_response_lift_points, 1) as smallest_response_lift_points,
    is_response_lift_sure,
    round(extra_realised_after_cost_amount, 2) as extra_realised_after_cost_amount
from marts.rpt_campaign_performance
where scheme = 'everybody' and lift_status <> 'holdout'
order by campaign_id, arm
