with

events as (select * from {{ ref('base_app__events') }}),

final as (
    select
        -- keys
        event_id as native_event_id,
        device_id as native_device_id,
        customer_id as native_customer_id,
        'shop:' || product_id as product_id,
        campaign_id,

        -- attributes
        {{ regex_replace('lower(event_type)', '[ -]+', '_') }} as event_type,
        page,
        search_text,
        referrer as referrer_word,

        -- measures
        results_count,

        -- dates and timestamps
        occurred_at,
        occurred_date,
        received_at,
        _load_date as load_date
    from events
    where row_status = 'accepted'
)

select * from final
