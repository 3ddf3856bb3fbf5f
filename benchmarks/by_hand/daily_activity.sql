-- One row per customer and day on which they ordered, got money back or came by.

create table daily_activity as
with placed as (
    select
        customer_id, ordered_date as activity_date,
        count(*) as orders_count,
        count(*) filter (where is_paid) as paid_orders_count,
        count(*) filter (where orders.order_id in (
            select order_id from refunds where is_counted and order_id is not null
        )) as returned_orders_count,
        sum(items_count) as items_count,
        sum(round((gross_amount_local + return_gross) * fx_rate, 4)) as gross_amount,
        sum(round((net_amount_local + return_net) * fx_rate, 4)) as net_amount,
        sum(case when is_paid then round((net_amount_local + return_net) * fx_rate, 4) else 0 end)
            as paid_net_amount,
        sum(
            case when is_cancelled then round((cancelled_amount_local + return_net) * fx_rate, 4) else 0 end
        ) as cancelled_amount,
        sum(open_amount) as open_amount
    from orders
    where order_type <> 'return' and customer_id is not null
    group by customer_id, ordered_date
),
refunded as (
    select records.customer_id, refunds.refund_date as activity_date, sum(refunds.amount) as refunded_amount
    from refunds
    inner join records on refunds.record_id = records.record_id
    where refunds.is_counted
    group by records.customer_id, refunds.refund_date
),
-- a day of refunds alone has amounts of zero, one of visits alone as well
money as (
    select
        coalesce(placed.customer_id, refunded.customer_id) as customer_id,
        coalesce(placed.activity_date, refunded.activity_date) as activity_date,
        coalesce(orders_count, 0) as orders_count,
        coalesce(paid_orders_count, 0) as paid_orders_count,
        coalesce(returned_orders_count, 0) as returned_orders_count,
        coalesce(items_count, 0) as items_count,
        case when placed.customer_id is null then 0 else gross_amount end as gross_amount,
        case when placed.customer_id is null then 0 else net_amount end as net_amount,
        case when placed.customer_id is null then 0 else paid_net_amount end as paid_net_amount,
        case when placed.customer_id is null then 0 else cancelled_amount end as cancelled_amount,
        case when placed.customer_id is null then 0 else open_amount end as open_amount,
        case when refunded.customer_id is null then 0 else refunded_amount end as refunded_amount
    from placed
    full join refunded
        on placed.customer_id = refunded.customer_id and placed.activity_date = refunded.activity_date
),
events_of_days as (
    select
        records.customer_id, occurred_date as activity_date,
        count(*) as events_count,
        count(*) filter (where event_type = 'page_view') as page_views_count,
        count(*) filter (where event_type = 'product_view') as product_views_count,
        count(*) filter (where event_type = 'search') as searches_count,
        count(*) filter (where event_type = 'favourite') as favourites_count,
        count(*) filter (where event_type = 'cart_add') as cart_adds_count,
        count(*) filter (where event_type = 'cart_remove') as cart_removes_count,
        count(*) filter (where event_type = 'click') as clicks_count,
        count(*) filter (where event_type = 'login') as logins_count,
        count(*) filter (where hour_of_day between 0 and 5) as events_00_05_count,
        count(*) filter (where hour_of_day between 6 and 7) as events_06_07_count,
        count(*) filter (where hour_of_day between 8 and 9) as events_08_09_count,
        count(*) filter (where hour_of_day between 10 and 12) as events_10_12_count,
        count(*) filter (where hour_of_day between 13 and 14) as events_13_14_count,
        count(*) filter (where hour_of_day between 15 and 17) as events_15_17_count,
        count(*) filter (where hour_of_day between 18 and 19) as events_18_19_count,
        count(*) filter (where hour_of_day between 20 and 21) as events_20_21_count,
        count(*) filter (where hour_of_day between 22 and 23) as events_22_23_count
    from session_events
    inner join records on records.system = 'shop' and session_events.session_customer_id = records.native_customer_id
    group by records.customer_id, occurred_date
),
sessions_of_days as (
    select
        customer_id, session_date as activity_date,
        count(*) as sessions_count,
        count(*) filter (where has_cart_add) as cart_sessions_count,
        count(*) filter (where is_cart_abandoned) as abandoned_cart_sessions_count
    from sessions
    where customer_id is not null
    group by customer_id, session_date
)
select
    coalesce(money.customer_id, events_of_days.customer_id) as customer_id,
    coalesce(money.activity_date, events_of_days.activity_date) as activity_date,
    coalesce(orders_count, 0) as orders_count,
    coalesce(paid_orders_count, 0) as paid_orders_count,
    coalesce(returned_orders_count, 0) as returned_orders_count,
    coalesce(items_count, 0) as items_count,
    case when money.customer_id is null then 0 else gross_amount end as gross_amount,
    case when money.customer_id is null then 0 else gross_amount - net_amount end as discount_amount,
    case when money.customer_id is null then 0 else net_amount end as net_amount,
    case when money.customer_id is null then 0 else paid_net_amount end as paid_net_amount,
    case when money.customer_id is null then 0 else cancelled_amount end as cancelled_amount,
    case when money.customer_id is null then 0 else open_amount end as open_amount,
    case when money.customer_id is null then 0 else refunded_amount end as refunded_amount,
    coalesce(net_amount, 0) - coalesce(cancelled_amount, 0) - coalesce(open_amount, 0)
        - coalesce(refunded_amount, 0) as realised_amount,
    coalesce(sessions_count, 0) as sessions_count,
    coalesce(cart_sessions_count, 0) as cart_sessions_count,
    coalesce(abandoned_cart_sessions_count, 0) as abandoned_cart_sessions_count,
    coalesce(events_count, 0) as events_count,
    coalesce(page_views_count, 0) as page_views_count,
    coalesce(product_views_count, 0) as product_views_count,
    coalesce(searches_count, 0) as searches_count,
    coalesce(favourites_count, 0) as favourites_count,
    coalesce(cart_adds_count, 0) as cart_adds_count,
    coalesce(cart_removes_count, 0) as cart_removes_count,
    coalesce(clicks_count, 0) as clicks_count,
    coalesce(logins_count, 0) as logins_count,
    coalesce(events_00_05_count, 0) as events_00_05_count,
    coalesce(events_06_07_count, 0) as events_06_07_count,
    coalesce(events_08_09_count, 0) as events_08_09_count,
    coalesce(events_10_12_count, 0) as events_10_12_count,
    coalesce(events_13_14_count, 0) as events_13_14_count,
    coalesce(events_15_17_count, 0) as events_15_17_count,
    coalesce(events_18_19_count, 0) as events_18_19_count,
    coalesce(events_20_21_count, 0) as events_20_21_count,
    coalesce(events_22_23_count, 0) as events_22_23_count
from money
full join events_of_days
    on money.customer_id = events_of_days.customer_id and money.activity_date = events_of_days.activity_date
left join sessions_of_days
    on events_of_days.customer_id = sessions_of_days.customer_id
    and events_of_days.activity_date = sessions_of_days.activity_date;
