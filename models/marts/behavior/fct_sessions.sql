with

sessions as (select * from {{ ref('int_sessions_summarised') }}),

records as (select * from {{ ref('int_records_clustered') }}),

final as (
    select
        -- keys
        sessions.session_id,
        records.customer_id,
        records.record_id,
        sessions.native_device_id,

        -- attributes
        sessions.device_model,
        sessions.operating_system,
        sessions.hour_slot,

        -- measures
        sessions.events_count,
        {% for measure in event_counts() %}
            sessions.{{ measure }},
        {% endfor %}
        sessions.orders_count,
        sessions.duration_seconds,

        -- flags
        sessions.is_anonymous,
        sessions.has_cart_add,
        sessions.has_order,
        sessions.is_cart_abandoned,

        -- dates and timestamps
        sessions.session_date,
        sessions.started_at,
        sessions.ended_at
    from sessions
    left join records
        on sessions.record_key = records.record_key
)

select * from final
