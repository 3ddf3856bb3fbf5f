-- On the way from the visit to the next order in the shop: how many of each segment are left after
-- each step?
select
    segment,
    step,
    customers_count,
    funnel_customers_count,
    round(previous_step_share_pct, 1) as previous_step_share_pct,
    round(first_step_share_pct, 1) as first_step_share_pct
from marts.rpt_funnel
where channel = 'shop'
order by segment asc, step_number asc
