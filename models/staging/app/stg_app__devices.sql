with

devices as (select * from {{ ref('base_app__devices') }}),

price_words as (select * from {{ ref('device_price_words') }}),

final as (
    select
        -- keys
        devices.device_id as native_device_id,

        -- attributes
        devices.brand as device_brand,
        devices.device_model,
        devices.price_class as price_class_word,
        price_words.price_class,
        devices.operating_system,
        devices.app_version,
        devices.last_ip,

        -- flags
        devices.is_emulator,

        -- dates and timestamps
        devices.first_seen_at,
        devices.updated_at
    from devices
    left join price_words
        on {{ status_word('devices.price_class') }} = price_words.device_price_word
    where devices.row_status = 'accepted'
)

select * from final
