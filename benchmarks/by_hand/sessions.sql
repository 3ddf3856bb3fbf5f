-- One row per visit: events of a device without half an hour of silence, until another customer logs in.

create temp table events as
with newest as (
    select *
    from read_parquet(getvariable('raw') || '/app/events/*/*.parquet', hive_partitioning = true)
    where event_id is not null and event_type is not null and occurred_at is not null
    qualify
        row_number() over (
            partition by event_id order by coalesce(received_at, load_date) desc, load_date desc
        ) = 1
),
clocked as (
    select
        * exclude (occurred_at),
        case
            when
                cast(received_at as date) <= load_date + 1
                and (
                    cast(occurred_at as date) > cast(received_at as date) + 1
                    or cast(occurred_at as date) < cast(received_at as date) - 366
                )
                then received_at
            else occurred_at
        end as occurred_at
    from newest
)
select
    event_id, device_id, customer_id, lower(event_type) as event_type, occurred_at,
    timezone('Asia/Shanghai', timezone('UTC', occurred_at)) as local_at,
    cast(local_at as date) as occurred_date,
    coalesce('device:' || device_id, 'customer:' || customer_id, 'event:' || event_id) as stream
from clocked
where cast(local_at as date) <= least(getvariable('as_of'), load_date + 1);

create temp table session_events as
with visits as (
    select
        *,
        sum(case when occurred_at > previous_at + interval 30 minute then 1 else 0 end)
            over (partition by stream order by occurred_at, event_id rows unbounded preceding) as visit
    from (
        select *, lag(occurred_at) over (partition by stream order by occurred_at, event_id) as previous_at
        from events
    )
),
logins as (
    select
        *,
        last_value(customer_id ignore nulls) over (
            partition by stream, visit order by occurred_at, event_id
            rows between unbounded preceding and 1 preceding
        ) as last_customer_id
    from visits
),
persons as (
    select
        *,
        sum(case when customer_id <> last_customer_id then 1 else 0 end)
            over (partition by stream, visit order by occurred_at, event_id rows unbounded preceding) as person
    from logins
)
select
    event_id, device_id, event_type, occurred_at, occurred_date, hour(local_at) as hour_of_day,
    stream, visit, person,
    max(customer_id) over (partition by stream, visit, person) as session_customer_id
from persons;

create table sessions as
with hours as (
    select * from read_csv(getvariable('seeds') || '/behavior/hour_slots.csv')
),
visits as (
    select
        arg_min(event_id, (occurred_at, event_id)) as first_event_id,
        arg_min(occurred_date, (occurred_at, event_id)) as session_date,
        arg_min(hour_of_day, (occurred_at, event_id)) as hour_of_day,
        max(session_customer_id) as native_customer_id,
        max(device_id) as native_device_id,
        count(*) as events_count,
        count(*) filter (where event_type = 'page_view') as page_views_count,
        count(*) filter (where event_type = 'product_view') as product_views_count,
        count(*) filter (where event_type = 'search') as searches_count,
        count(*) filter (where event_type = 'favourite') as favourites_count,
        count(*) filter (where event_type = 'cart_add') as cart_adds_count,
        count(*) filter (where event_type = 'cart_remove') as cart_removes_count,
        count(*) filter (where event_type = 'click') as clicks_count,
        count(*) filter (where event_type = 'login') as logins_count,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at
    from session_events
    group by stream, visit, person
),
devices as (
    select device_id, device_model, operating_system
    from read_parquet(getvariable('raw') || '/app/devices/*/*.parquet', hive_partitioning = true)
    where device_id is not null
    qualify
        row_number() over (
            partition by device_id order by coalesce(updated_at, load_date) desc, load_date desc
        ) = 1
),
shop_orders as (
    select orders.order_id, seen_orders.native_customer_id, orders.ordered_at
    from orders
    inner join seen_orders on orders.order_id = seen_orders.order_id
    where orders.system = 'shop' and orders.order_type <> 'return' and seen_orders.native_customer_id is not null
),
-- the last session of the customer that began before the order, of those that ended in the half hour before it
ordered as (
    select visits.first_event_id
    from shop_orders
    inner join visits
        on shop_orders.native_customer_id = visits.native_customer_id
        and shop_orders.ordered_at between visits.started_at and visits.ended_at + interval 30 minute
    qualify
        row_number() over (
            partition by shop_orders.order_id order by visits.started_at desc, visits.first_event_id desc
        ) = 1
),
order_counts as (
    select first_event_id, count(*) as orders_count from ordered group by first_event_id
)
select
    's' || substr(md5('app:' || visits.first_event_id), 1, 15) as session_id,
    records.customer_id, records.record_id, visits.native_device_id,
    devices.device_model, devices.operating_system, hours.hour_slot,
    visits.events_count, visits.page_views_count, visits.product_views_count, visits.searches_count,
    visits.favourites_count, visits.cart_adds_count, visits.cart_removes_count, visits.clicks_count,
    visits.logins_count,
    coalesce(order_counts.orders_count, 0) as orders_count,
    date_sub('second', visits.started_at, visits.ended_at) as duration_seconds,
    visits.native_customer_id is null as is_anonymous,
    visits.cart_adds_count > 0 as has_cart_add,
    order_counts.orders_count is not null as has_order,
    visits.cart_adds_count > 0 and order_counts.orders_count is null as is_cart_abandoned,
    visits.session_date, visits.started_at, visits.ended_at
from visits
left join hours on visits.hour_of_day = hours.hour_of_day
left join devices on visits.native_device_id = devices.device_id
left join order_counts on visits.first_event_id = order_counts.first_event_id
left join records on records.system = 'shop' and visits.native_customer_id = records.native_customer_id;
