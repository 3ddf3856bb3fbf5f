-- One row per customer: what they did in the last 30 days and in the 30 days before.

create table behavior_30d as
with days as (
    select *, getvariable('as_of') - activity_date as age from daily_activity
),
last_days as (
    select
        customer_id,
        max(activity_date) filter (where orders_count > 0) as last_order_date,
        max(activity_date) filter (where events_count > 0) as last_visit_date
    from days
    group by customer_id
),
totals as (
    select
        customer_id,
        count(*) filter (where age between 0 and 29 and (orders_count > 0 or events_count > 0)) as active_days_30d_count,
        count(*) filter (where age between 0 and 29 and orders_count > 0) as order_days_30d_count,
        sum(orders_count) filter (where age between 0 and 29) as orders_30d_count,
        sum(paid_orders_count) filter (where age between 0 and 29) as paid_orders_30d_count,
        sum(sessions_count) filter (where age between 0 and 29) as sessions_30d_count,
        sum(cart_sessions_count) filter (where age between 0 and 29) as cart_sessions_30d_count,
        sum(abandoned_cart_sessions_count) filter (where age between 0 and 29) as abandoned_cart_sessions_30d_count,
        sum(events_count) filter (where age between 0 and 29) as events_30d_count,
        sum(page_views_count) filter (where age between 0 and 29) as page_views_30d_count,
        sum(product_views_count) filter (where age between 0 and 29) as product_views_30d_count,
        sum(searches_count) filter (where age between 0 and 29) as searches_30d_count,
        sum(favourites_count) filter (where age between 0 and 29) as favourites_30d_count,
        sum(cart_adds_count) filter (where age between 0 and 29) as cart_adds_30d_count,
        sum(cart_removes_count) filter (where age between 0 and 29) as cart_removes_30d_count,
        sum(items_count) filter (where age between 0 and 29) as items_30d_count,
        sum(returned_orders_count) filter (where age between 0 and 29) as returned_orders_30d_count,
        sum(gross_amount) filter (where age between 0 and 29) as gross_30d_amount,
        sum(discount_amount) filter (where age between 0 and 29) as discount_30d_amount,
        sum(net_amount) filter (where age between 0 and 29) as net_30d_amount,
        sum(refunded_amount) filter (where age between 0 and 29) as refunded_30d_amount,
        sum(realised_amount) filter (where age between 0 and 29) as realised_30d_amount,
        sum(paid_net_amount) filter (where age between 0 and 29) as paid_net_30d_amount,
        count(*) filter (where age between 30 and 59 and (orders_count > 0 or events_count > 0)) as active_days_prior_30d_count,
        count(*) filter (where age between 30 and 59 and orders_count > 0) as order_days_prior_30d_count,
        sum(orders_count) filter (where age between 30 and 59) as orders_prior_30d_count,
        sum(paid_orders_count) filter (where age between 30 and 59) as paid_orders_prior_30d_count,
        sum(sessions_count) filter (where age between 30 and 59) as sessions_prior_30d_count,
        sum(cart_sessions_count) filter (where age between 30 and 59) as cart_sessions_prior_30d_count,
        sum(abandoned_cart_sessions_count) filter (where age between 30 and 59) as abandoned_cart_sessions_prior_30d_count,
        sum(events_count) filter (where age between 30 and 59) as events_prior_30d_count,
        sum(page_views_count) filter (where age between 30 and 59) as page_views_prior_30d_count,
        sum(product_views_count) filter (where age between 30 and 59) as product_views_prior_30d_count,
        sum(searches_count) filter (where age between 30 and 59) as searches_prior_30d_count,
        sum(favourites_count) filter (where age between 30 and 59) as favourites_prior_30d_count,
        sum(cart_adds_count) filter (where age between 30 and 59) as cart_adds_prior_30d_count,
        sum(cart_removes_count) filter (where age between 30 and 59) as cart_removes_prior_30d_count,
        sum(items_count) filter (where age between 30 and 59) as items_prior_30d_count,
        sum(returned_orders_count) filter (where age between 30 and 59) as returned_orders_prior_30d_count,
        sum(gross_amount) filter (where age between 30 and 59) as gross_prior_30d_amount,
        sum(discount_amount) filter (where age between 30 and 59) as discount_prior_30d_amount,
        sum(net_amount) filter (where age between 30 and 59) as net_prior_30d_amount,
        sum(refunded_amount) filter (where age between 30 and 59) as refunded_prior_30d_amount,
        sum(realised_amount) filter (where age between 30 and 59) as realised_prior_30d_amount,
        sum(paid_net_amount) filter (where age between 30 and 59) as paid_net_prior_30d_amount,
        sum(events_00_05_count) filter (where age between 0 and 29) as events_00_05_30d_count,
        sum(events_06_07_count) filter (where age between 0 and 29) as events_06_07_30d_count,
        sum(events_08_09_count) filter (where age between 0 and 29) as events_08_09_30d_count,
        sum(events_10_12_count) filter (where age between 0 and 29) as events_10_12_30d_count,
        sum(events_13_14_count) filter (where age between 0 and 29) as events_13_14_30d_count,
        sum(events_15_17_count) filter (where age between 0 and 29) as events_15_17_30d_count,
        sum(events_18_19_count) filter (where age between 0 and 29) as events_18_19_30d_count,
        sum(events_20_21_count) filter (where age between 0 and 29) as events_20_21_30d_count,
        sum(events_22_23_count) filter (where age between 0 and 29) as events_22_23_30d_count
    from days
    where age between 0 and 59
    group by customer_id
),
customers as (
    select distinct customer_id from records
),
levels as (
    select * from read_csv(getvariable('seeds') || '/behavior/activity_levels.csv')
),
busiest as (
    select
        *,
        greatest(
            events_00_05_30d_count,
            events_06_07_30d_count,
            events_08_09_30d_count,
            events_10_12_30d_count,
            events_13_14_30d_count,
            events_15_17_30d_count,
            events_18_19_30d_count,
            events_20_21_30d_count,
            events_22_23_30d_count
        ) as most_events_count
    from totals
)
select
    customers.customer_id, getvariable('as_of') as as_of_date, levels.activity_level,
    case
        when coalesce(most_events_count, 0) = 0 then null
        when events_00_05_30d_count = most_events_count then '00-05'
        when events_06_07_30d_count = most_events_count then '06-07'
        when events_08_09_30d_count = most_events_count then '08-09'
        when events_10_12_30d_count = most_events_count then '10-12'
        when events_13_14_30d_count = most_events_count then '13-14'
        when events_15_17_30d_count = most_events_count then '15-17'
        when events_18_19_30d_count = most_events_count then '18-19'
        when events_20_21_30d_count = most_events_count then '20-21'
        when events_22_23_30d_count = most_events_count then '22-23'
    end as most_active_hour_slot,
    coalesce(active_days_30d_count, 0) as active_days_30d_count,
    coalesce(order_days_30d_count, 0) as order_days_30d_count,
    coalesce(orders_30d_count, 0) as orders_30d_count,
    coalesce(paid_orders_30d_count, 0) as paid_orders_30d_count,
    coalesce(sessions_30d_count, 0) as sessions_30d_count,
    coalesce(cart_sessions_30d_count, 0) as cart_sessions_30d_count,
    coalesce(abandoned_cart_sessions_30d_count, 0) as abandoned_cart_sessions_30d_count,
    coalesce(events_30d_count, 0) as events_30d_count,
    coalesce(page_views_30d_count, 0) as page_views_30d_count,
    coalesce(product_views_30d_count, 0) as product_views_30d_count,
    coalesce(searches_30d_count, 0) as searches_30d_count,
    coalesce(favourites_30d_count, 0) as favourites_30d_count,
    coalesce(cart_adds_30d_count, 0) as cart_adds_30d_count,
    coalesce(cart_removes_30d_count, 0) as cart_removes_30d_count,
    coalesce(items_30d_count, 0) as items_30d_count,
    coalesce(gross_30d_amount, 0) as gross_30d_amount,
    coalesce(discount_30d_amount, 0) as discount_30d_amount,
    coalesce(net_30d_amount, 0) as net_30d_amount,
    coalesce(refunded_30d_amount, 0) as refunded_30d_amount,
    coalesce(realised_30d_amount, 0) as realised_30d_amount,
    cast(paid_net_30d_amount / nullif(paid_orders_30d_count, 0) as decimal(38, 4)) as average_order_value_30d_amount,
    100 * returned_orders_30d_count / nullif(orders_30d_count, 0) as return_rate_30d_pct,
    cast(100 * discount_30d_amount as double) / nullif(gross_30d_amount, 0) as discount_share_30d_pct,
    100 * abandoned_cart_sessions_30d_count / nullif(cart_sessions_30d_count, 0) as cart_abandonment_30d_pct,
    coalesce(active_days_prior_30d_count, 0) as active_days_prior_30d_count,
    coalesce(order_days_prior_30d_count, 0) as order_days_prior_30d_count,
    coalesce(orders_prior_30d_count, 0) as orders_prior_30d_count,
    coalesce(paid_orders_prior_30d_count, 0) as paid_orders_prior_30d_count,
    coalesce(sessions_prior_30d_count, 0) as sessions_prior_30d_count,
    coalesce(cart_sessions_prior_30d_count, 0) as cart_sessions_prior_30d_count,
    coalesce(abandoned_cart_sessions_prior_30d_count, 0) as abandoned_cart_sessions_prior_30d_count,
    coalesce(events_prior_30d_count, 0) as events_prior_30d_count,
    coalesce(page_views_prior_30d_count, 0) as page_views_prior_30d_count,
    coalesce(product_views_prior_30d_count, 0) as product_views_prior_30d_count,
    coalesce(searches_prior_30d_count, 0) as searches_prior_30d_count,
    coalesce(favourites_prior_30d_count, 0) as favourites_prior_30d_count,
    coalesce(cart_adds_prior_30d_count, 0) as cart_adds_prior_30d_count,
    coalesce(cart_removes_prior_30d_count, 0) as cart_removes_prior_30d_count,
    coalesce(items_prior_30d_count, 0) as items_prior_30d_count,
    coalesce(gross_prior_30d_amount, 0) as gross_prior_30d_amount,
    coalesce(discount_prior_30d_amount, 0) as discount_prior_30d_amount,
    coalesce(net_prior_30d_amount, 0) as net_prior_30d_amount,
    coalesce(refunded_prior_30d_amount, 0) as refunded_prior_30d_amount,
    coalesce(realised_prior_30d_amount, 0) as realised_prior_30d_amount,
    cast(paid_net_prior_30d_amount / nullif(paid_orders_prior_30d_count, 0) as decimal(38, 4)) as average_order_value_prior_30d_amount,
    100 * returned_orders_prior_30d_count / nullif(orders_prior_30d_count, 0) as return_rate_prior_30d_pct,
    cast(100 * discount_prior_30d_amount as double) / nullif(gross_prior_30d_amount, 0) as discount_share_prior_30d_pct,
    100 * abandoned_cart_sessions_prior_30d_count / nullif(cart_sessions_prior_30d_count, 0) as cart_abandonment_prior_30d_pct,
    coalesce(events_00_05_30d_count, 0) as events_00_05_30d_count,
    coalesce(events_06_07_30d_count, 0) as events_06_07_30d_count,
    coalesce(events_08_09_30d_count, 0) as events_08_09_30d_count,
    coalesce(events_10_12_30d_count, 0) as events_10_12_30d_count,
    coalesce(events_13_14_30d_count, 0) as events_13_14_30d_count,
    coalesce(events_15_17_30d_count, 0) as events_15_17_30d_count,
    coalesce(events_18_19_30d_count, 0) as events_18_19_30d_count,
    coalesce(events_20_21_30d_count, 0) as events_20_21_30d_count,
    coalesce(events_22_23_30d_count, 0) as events_22_23_30d_count,
    getvariable('as_of') - last_order_date as since_last_order_days,
    getvariable('as_of') - last_visit_date as since_last_visit_days
from customers
left join busiest on customers.customer_id = busiest.customer_id
left join last_days on customers.customer_id = last_days.customer_id
left join levels
    on coalesce(busiest.active_days_30d_count, 0) >= levels.from_days
    and coalesce(busiest.active_days_30d_count, 0) < coalesce(levels.to_days, 999999);
