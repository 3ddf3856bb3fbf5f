{% set gap_seconds = var('session_gap_minutes') * 60 %}
{% set in_order = 'order by occurred_at asc nulls last, native_event_id asc nulls last' %}
with

app_events as (select * from {{ ref('stg_app__events') }}),

as_of as (select * from {{ ref('int_as_of') }}),

hour_slots as (select * from {{ ref('hour_slots') }}),

-- A stream is the events of one device, or, without a device, those of one customer. An event that
-- names neither is a stream of its own.
seen as (
    select
        app_events.native_event_id,
        app_events.native_device_id,
        {{ hash_key("'shop:' || app_events.native_customer_id") }} as event_record_key,
        {{ fast_hash(
            "coalesce('device:' || app_events.native_device_id,"
            ~ " 'customer:' || app_events.native_customer_id,"
            ~ " 'event:' || app_events.native_event_id)"
        ) }} as stream_key,
        app_events.event_type,
        app_events.occurred_at,
        app_events.occurred_date,
        {{ quarter_hour('app_events.occurred_at') }} as quarter_hour
    from app_events
    inner join as_of
        on app_events.occurred_date <= as_of.as_of_date
),

-- The zone is looked up once per quarter of an hour: its offset changes at none but full ones.
quarter_hours as (
    select
        quarter_hour,
        extract(hour from {{ utc_to_local('min(occurred_at)', business_zone()) }}) as hour_of_day
    from seen
    group by quarter_hour
),

-- Devices that several customers used; on all others a session is a visit.
shared_streams as (
    select stream_key
    from seen
    where event_record_key is not null
    group by stream_key
    having min(event_record_key) <> max(event_record_key)
),

silences as (
    select
        *,
        lag(occurred_at) over (partition by stream_key {{ in_order }}) as previous_event_at
    from seen
),

-- A visit is a sequence of events of a stream without a silence longer than the limit.
visits as (
    select
        silences.*,
        coalesce(
            {{ seconds_between('silences.previous_event_at', 'silences.occurred_at') }}
            > {{ gap_seconds }},
            true
        ) as is_visit_start,
        shared_streams.stream_key is not null as is_shared
    from silences
    left join shared_streams
        on silences.stream_key = shared_streams.stream_key
),

shared_visits as (
    select
        *,
        sum(case when is_visit_start then 1 else 0 end)
            over (partition by stream_key {{ in_order }}) as visit_number
    from visits
    where is_shared
),

-- For each event that names a customer, the customer of the event before it that names one, in the
-- same visit. Anonymous events are a partition of their own, and have null.
sightings as (
    select
        *,
        lag(event_record_key) over (
            partition by stream_key, visit_number, event_record_key is null {{ in_order }}
        ) as previous_record_key
    from shared_visits
),

-- A session begins when another customer logs in on the device, not with the first login of a
-- visit. So anonymous events belong to the customer who logged in last, and those before the first
-- login to the customer who logs in.
starts as (
    select
        native_event_id,
        native_device_id,
        event_record_key,
        stream_key,
        event_type,
        quarter_hour,
        is_visit_start as is_session_start,
        occurred_at,
        occurred_date
    from visits
    where not is_shared

    union all

    select
        native_event_id,
        native_device_id,
        event_record_key,
        stream_key,
        event_type,
        quarter_hour,
        is_visit_start
        or coalesce(event_record_key <> previous_record_key, false) as is_session_start,
        occurred_at,
        occurred_date
    from sightings
),

sessioned as (
    select
        *,
        {{ last_known(
            'case when is_session_start then ' ~ hash_key("'app:' || native_event_id") ~ ' end',
            'partition by stream_key ' ~ in_order
        ) }} as session_key
    from starts
),

session_records as (
    select
        session_key,
        max(event_record_key) as record_key
    from sessioned
    where event_record_key is not null
    group by session_key
),

final as (
    select
        -- keys
        sessioned.native_event_id,
        sessioned.session_key,
        session_records.record_key,
        sessioned.native_device_id,

        -- attributes
        sessioned.event_type,
        hour_slots.hour_slot,

        -- flags
        sessioned.is_session_start,
        sessioned.event_record_key is null as is_anonymous,

        -- dates and timestamps
        sessioned.occurred_at,
        sessioned.occurred_date
    from sessioned
    left join session_records
        on sessioned.session_key = session_records.session_key
    inner join quarter_hours
        on sessioned.quarter_hour = quarter_hours.quarter_hour
    left join hour_slots
        on quarter_hours.hour_of_day = hour_slots.hour_of_day
)

select * from final
