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
        app_events.product_id,
        {{ hash_key("'shop:' || app_events.native_customer_id") }} as event_record_key,
        {{ hash_key(
            "coalesce('device:' || app_events.native_device_id,"
            ~ " 'customer:' || app_events.native_customer_id,"
            ~ " 'event:' || app_events.native_event_id)"
        ) }} as stream_key,
        app_events.event_type,
        app_events.occurred_at,
        app_events.occurred_date
    from app_events
    inner join as_of
        on app_events.occurred_date <= as_of.as_of_date
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
        *,
        sum(
            case
                when {{ seconds_between('previous_event_at', 'occurred_at') }} > {{ gap_seconds }}
                    then 1
                else 0
            end
        ) over (partition by stream_key {{ in_order }}) as visit_number
    from silences
),

-- For each event that names a customer, the customer of the event before it that names one, in the
-- same visit. Anonymous events are a partition of their own, and have null.
sightings as (
    select
        *,
        lag(event_record_key) over (
            partition by stream_key, visit_number, event_record_key is null {{ in_order }}
        ) as previous_record_key
    from visits
),

-- A session begins when another customer logs in on the device, not with the first login of a
-- visit. So anonymous events belong to the customer who logged in last, and those before the first
-- login to the customer who logs in.
persons as (
    select
        *,
        sum(case when event_record_key <> previous_record_key then 1 else 0 end)
            over (partition by stream_key, visit_number {{ in_order }}) as person_number
    from sightings
),

sessioned as (
    select
        *,
        first_value(native_event_id)
            over (partition by stream_key, visit_number, person_number {{ in_order }})
            as first_native_event_id,
        max(event_record_key) over (partition by stream_key, visit_number, person_number)
            as record_key
    from persons
),

final as (
    select
        -- keys
        sessioned.native_event_id,
        {{ hash_key("'app:' || sessioned.first_native_event_id") }} as session_key,
        sessioned.record_key,
        sessioned.native_device_id,
        sessioned.product_id,

        -- attributes
        sessioned.event_type,
        hour_slots.hour_slot,

        -- flags
        sessioned.native_event_id = sessioned.first_native_event_id as is_session_start,
        sessioned.event_record_key is null as is_anonymous,

        -- dates and timestamps
        sessioned.occurred_at,
        sessioned.occurred_date
    from sessioned
    left join hour_slots
        on
            extract(hour from {{ utc_to_local('sessioned.occurred_at', business_zone()) }})
            = hour_slots.hour_of_day
)

select * from final
