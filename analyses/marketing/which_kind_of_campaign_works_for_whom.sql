-- How many extra orders does each kind of campaign bring, by what customers had bought before?
select
    campaign_kind,
    purchase_state,
    campaigns_count,
    treated_customers_count,
    holdout_customers_count,
    round(extra_orders_per_100_count, 1) as measured_count,
    round(own_share_pct, 1) as own_share_pct,
    round(expected_extra_orders_per_100_count, 1) as expected_count,
    round(lower_expected_extra_orders_per_100_count, 1) as lower_expected_count,
    round(upper_expected_extra_orders_per_100_count, 1) as upper_expected_count
from marts.rpt_campaign_kind_lifts
order by campaign_kind, purchase_state
