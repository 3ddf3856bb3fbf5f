with

app_events as (select * from {{ ref('stg_app__events') }}),

as_of as (select * from {{ ref('int_as_of') }}),

sessioned_events as (select * from {{ ref('int_events_sessioned') }}),

records as (select * from {{ ref('int_records_clustered') }}),

sessions as (select * from {{ ref('fct_sessions') }}),

-- Accepted events up to the as-of date, by type.
counts as (
    select
        app_events.event_type,
        1 as accepted_count,
        0 as session_count
    from app_events
    inner join as_of
        on app_events.occurred_date <= as_of.as_of_date

    union all

    select
        'events' as event_type,
        1 as accepted_count,
        0 as session_count
    from app_events
    inner join as_of
        on app_events.occurred_date <= as_of.as_of_date

    union all

    select
        'events' as event_type,
        0 as accepted_count,
        events_count as session_count
    from sessions

    {% for measure, event_type in event_counts().items() %}
        union all

        select
            '{{ event_type }}' as event_type,
            0 as accepted_count,
            {{ measure }} as session_count
        from sessions
    {% endfor %}
),

final as (
    select
        event_type,
        sum(accepted_count) as accepted_count,
        sum(session_count) as session_count
    from counts
    where
        event_type in (
            {% for event_type in event_counts().values() %}
                '{{ event_type }}',
            {% endfor %}
            'events'
        )
    group by event_type
    having sum(accepted_count) <> sum(session_count)

    union all

    select
        'on two devices' as event_type,
        count(distinct native_device_id) as accepted_count,
        1 as session_count
    from sessioned_events
    group by session_key
    having count(distinct native_device_id) > 1

    union all

    select
        'of another customer' as event_type,
        count(*) as accepted_count,
        0 as session_count
    from app_events
    inner join sessioned_events
        on app_events.native_event_id = sessioned_events.native_event_id
    left join records
        on sessioned_events.record_key = records.record_key
    where
        app_events.native_customer_id is not null
        and 'shop:' || app_events.native_customer_id <> coalesce(records.record_id, '')
    having count(*) > 0
)

select * from final
