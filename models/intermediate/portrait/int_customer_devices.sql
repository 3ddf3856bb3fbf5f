with

sessions as (select * from {{ ref('int_sessions_summarised') }}),

devices as (select * from {{ ref('stg_app__devices') }}),

records as (select * from {{ ref('int_records_clustered') }}),

as_of as (select * from {{ ref('int_as_of') }}),

customer_devices as (
    select
        records.customer_id,
        sessions.native_device_id,
        count(*) as sessions_count,
        count(*) filter (
            where {{ in_window('sessions.session_date', 'as_of.as_of_date', '180d') }}
        ) as sessions_180d_count,
        max(sessions.session_date) as last_session_date
    from sessions
    inner join records
        on sessions.record_key = records.record_key
    cross join as_of
    where sessions.native_device_id is not null
    group by records.customer_id, sessions.native_device_id
),

ranked as (
    select
        *,
        row_number() over (
            partition by customer_id
            order by
                sessions_180d_count desc nulls last,
                last_session_date desc nulls last,
                native_device_id asc nulls last
        ) as device_rank
    from customer_devices
),

final as (
    select
        -- keys
        ranked.customer_id,
        ranked.native_device_id,

        -- attributes
        devices.device_brand,
        devices.device_model,
        devices.price_class,
        devices.operating_system,

        -- measures
        ranked.sessions_count,
        ranked.sessions_180d_count,

        -- flags
        ranked.device_rank = 1 as is_main_device,

        -- dates and timestamps
        ranked.last_session_date
    from ranked
    left join devices
        on ranked.native_device_id = devices.native_device_id
)

select * from final
