-- Which customers with a high expected value wait longer than their rhythm says?
select
    lifetime_value.customer_id,
    segments.value_tier,
    lifetime_value.churn_risk_band,
    round(lifetime_value.overdue_factor, 1) as overdue_factor,
    lifetime_value.next_purchase_date,
    lifetime_value.next_lifecycle_stage,
    lifetime_value.next_lifecycle_stage_date,
    lifetime_value.lifetime_value_amount
from marts.customer_lifetime_value as lifetime_value
inner join marts.customer_segments as segments
    on lifetime_value.customer_id = segments.customer_id
where
    lifetime_value.churn_risk_band in ('medium', 'high')
    and lifetime_value.is_overdue
order by lifetime_value.lifetime_value_amount desc, lifetime_value.customer_id asc
limit 20
