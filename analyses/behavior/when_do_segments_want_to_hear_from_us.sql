-- In which hours are the customers of each value tier most active, as a share of the tier?
select
    portraits.value_tier,
    periods.period as hour_slot,
    count(*) as customers_count,
    round(100.0 * count(*) / sum(count(*)) over (partition by portraits.value_tier), 1) as share_pct
from marts.customer_active_periods as periods
inner join marts.customer_portrait as portraits
    on periods.customer_id = portraits.customer_id
where
    periods.period_kind = 'hour_slot'
    and periods.is_most_active
    and portraits.value_tier is not null
group by portraits.value_tier, periods.period
order by portraits.value_tier, periods.period
