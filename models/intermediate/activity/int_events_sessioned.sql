{% set gap_seconds = var('session_gap_minutes') * 60 %}
{% set in_order = 'order by occurred_at asc nulls last, native_event_id asc nulls last' %}
{% set event_columns = [
    'native_event_id', 'native_device_id', 'product_id', 'event_record_key', 'stream_key', 'event_type', 'occurred_at',
    'occurred_date'
] | join(', ') %}
with

app_events as (select * from {{ ref('stg_app__events') }}),

as_of as (select * from {{ ref('int_as_of') }}),

hour_slots as (select * from {{ ref('hour_slots') }}),

-- A stream is what one device reports; without a device, what one customer does. An event that
-- names neither can be joined to nothing.
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
        {{ event_columns }},
        lag(occurred_at) over (partition by stream_key {{ in_order }}) as previous_event_at
    from seen
),

-- A visit is a run of events of a stream without a longer silence.
visits as (
    select
        {{ event_columns }},
        sum(
            case
                when {{ seconds_between('previous_event_at', 'occurred_at') }} > {{ gap_seconds }}
                    then 1
                else 0
            end
        ) over (partition by stream_key {{ in_order }}) as visit_number
    from silences
),

-- Whoever was logged in at the last event of the visit that names anybody. Anonymous events are a
-- partition of their own, and have null.
sightings as (
    select
        {{ event_columns }},
        visit_number,
        lag(event_record_key) over (
            partition by stream_key, visit_number, event_record_key is null {{ in_order }}
        ) as previous_record_key
    from visits
),

-- Another customer on the device begins a session; the first login of a visit does not. So what is
-- anonymous belongs to whoever was last known, and before the first login to whoever logs in.
persons as (
    select
        {{ event_columns }},
        visit_number,
        sum(case when event_record_key <> previous_record_key then 1 else 0 end)
            over (partition by stream_key, visit_number {{ in_order }}) as person_number
    from sightings
),

sessioned as (
    select
        {{ event_columns }},
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
