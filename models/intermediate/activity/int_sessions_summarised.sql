with

events as (select * from {{ ref('int_events_sessioned') }}),

devices as (select * from {{ ref('stg_app__devices') }}),

orders as (select * from {{ ref('int_orders_valued') }}),

sessions as (
    select
        session_key,
        max(case when is_session_start then native_event_id end) as first_native_event_id,
        max(record_key) as record_key,
        max(native_device_id) as native_device_id,
        max(case when is_session_start then hour_slot end) as hour_slot,
        count(*) as events_count,
        {% for measure, event_type in event_counts().items() %}
            count(*) filter (where event_type = '{{ event_type }}') as {{ measure }},
        {% endfor %}
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        max(case when is_session_start then occurred_date end) as session_date
    from events
    group by session_key
),

-- Sessions and orders of a record are joined by day (in UTC). Otherwise an account that a thousand
-- people share would join each of its sessions with each of its orders: a million pairs. An order
-- may follow a session of the day before.
session_days as (
    select
        session_key,
        record_key,
        started_at,
        ended_at,
        {{ days_in_range('cast(started_at as date)', 'cast(ended_at as date)', 'date_day') }}
    from sessions
    where record_key is not null
),

order_days as (
    {% for days_before in [0, -1] %}
        select
            order_key,
            record_key,
            ordered_at,
            {{ add_days('cast(ordered_at as date)', days_before) }} as date_day
        from orders
        where
            system = 'shop'
            and order_type <> 'return'
            and record_key is not null
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

-- Fans out where sessions of a record overlap: the rank keeps the latest of them for each order.
fits as (
    select
        order_days.order_key,
        session_days.session_key,
        row_number() over (
            partition by order_days.order_key
            order by
                session_days.started_at desc nulls last, session_days.session_key desc nulls last
        ) as session_rank
    from order_days
    inner join session_days
        on
            order_days.record_key = session_days.record_key
            and order_days.date_day = session_days.date_day
            and order_days.ordered_at >= session_days.started_at
            and {{ seconds_between('session_days.ended_at', 'order_days.ordered_at') }}
            <= {{ var('session_order_minutes') * 60 }}
),

session_orders as (
    select
        session_key,
        count(*) as orders_count
    from fits
    where session_rank = 1
    group by session_key
),

final as (
    select
        -- keys
        sessions.session_key,
        's' || substr(md5('app:' || sessions.first_native_event_id), 1, 15) as session_id,
        sessions.record_key,
        sessions.native_device_id,

        -- attributes
        devices.device_model,
        devices.operating_system,
        sessions.hour_slot,

        -- measures
        sessions.events_count,
        {% for measure in event_counts() %}
            sessions.{{ measure }},
        {% endfor %}
        coalesce(session_orders.orders_count, 0) as orders_count,
        cast(floor({{ seconds_between('sessions.started_at', 'sessions.ended_at') }}) as bigint)
            as duration_seconds,

        -- flags
        sessions.record_key is null as is_anonymous,
        sessions.cart_adds_count > 0 as has_cart_add,
        session_orders.orders_count is not null as has_order,
        sessions.cart_adds_count > 0 and session_orders.orders_count is null as is_cart_abandoned,

        -- dates and timestamps
        sessions.started_at,
        sessions.ended_at,
        sessions.session_date
    from sessions
    left join devices
        on sessions.native_device_id = devices.native_device_id
    left join session_orders
        on sessions.session_key = session_orders.session_key
)

select * from final
