-- At what time of the day do people come to the app, how long do they stay, and when do they buy?
select
    hour_slot,
    count(*) as sessions_count,
    count(*) filter (where is_anonymous) as anonymous_sessions_count,
    median(duration_seconds) as median_duration_seconds,
    count(*) filter (where has_cart_add) as cart_sessions_count,
    count(*) filter (where has_order) as order_sessions_count,
    round(
        100.0 * count(*) filter (where is_cart_abandoned and not is_anonymous)
        / nullif(count(*) filter (where has_cart_add and not is_anonymous), 0), 1
    ) as cart_abandonment_pct
from marts.fct_sessions
group by hour_slot
order by hour_slot
