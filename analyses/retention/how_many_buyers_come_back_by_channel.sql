-- How many buyers of each main channel buy again, how soon, and how much do they keep to one brand?
select
    main_channel,
    count(*) as buyers_count,
    round(100.0 * count(*) filter (where is_repeat) / count(*), 1) as repurchase_rate_pct,
    round(
        100.0 * count(*) filter (where is_repeat_within_90d)
        / nullif(count(is_repeat_within_90d), 0), 1
    ) as repurchase_rate_within_90d_pct,
    median(mean_between_purchases_days) as median_between_purchases_days,
    count(*) filter (where channels_used_count > 1) as several_channels_count,
    round(median(main_brand_share_pct), 1) as median_main_brand_share_pct,
    sum(realised_amount) as realised_amount
from marts.customer_loyalty
where paid_orders_count > 0
group by main_channel
order by buyers_count desc, main_channel asc
