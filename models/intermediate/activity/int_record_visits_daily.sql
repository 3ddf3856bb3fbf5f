with

events as (select * from {{ ref('int_events_sessioned') }}),

sessions as (select * from {{ ref('int_sessions_summarised') }}),

-- Events count on their own day, even if their session began on the day before.
event_days as (
    select
        record_key,
        occurred_date as activity_date,
        count(*) as events_count,
        {% for measure, event_type in event_counts().items() %}
            count(*) filter (where event_type = '{{ event_type }}') as {{ measure }},
        {% endfor %}
        {% for slot, hour_slot in hour_slots().items() %}
            count(*) filter (where hour_slot = '{{ hour_slot }}') as events_{{ slot }}_count
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from events
    where record_key is not null
    group by record_key, occurred_date
),

session_days as (
    select
        record_key,
        session_date as activity_date,
        count(*) as sessions_count,
        count(*) filter (where has_cart_add) as cart_sessions_count,
        count(*) filter (where is_cart_abandoned) as abandoned_cart_sessions_count
    from sessions
    where record_key is not null
    group by record_key, session_date
),

-- The day of a session is the day of its first event, so each such day has a row in event_days.
final as (
    select
        -- keys
        event_days.record_key,
        event_days.activity_date,

        -- measures
        coalesce(session_days.sessions_count, 0) as sessions_count,
        coalesce(session_days.cart_sessions_count, 0) as cart_sessions_count,
        coalesce(session_days.abandoned_cart_sessions_count, 0) as abandoned_cart_sessions_count,
        event_days.events_count,
        {% for measure in event_counts() %}
            event_days.{{ measure }},
        {% endfor %}
        {% for slot in hour_slots() %}
            event_days.events_{{ slot }}_count{% if not loop.last %},{% endif %}
        {% endfor %}
    from event_days
    left join session_days
        on
            event_days.record_key = session_days.record_key
            and event_days.activity_date = session_days.activity_date
)

select * from final
