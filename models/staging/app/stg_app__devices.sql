with

devices as (select * from {{ ref('base_app__devices') }}),

final as (
    select
        -- keys
        device_id as native_device_id,

        -- attributes
        device_model,
        operating_system,
        app_version,

        -- dates and timestamps
        first_seen_at,
        updated_at
    from devices
    where row_status = 'accepted'
)

select * from final
