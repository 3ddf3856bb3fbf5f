with

events as (select * from {{ source('state', 'identity_log') }}),

final as (
    select
        -- keys
        from_customer_id,
        to_customer_id,
        event_number,
        build_id,

        -- attributes
        event,
        reason,
        evidence,

        -- measures
        record_count as records_count,

        -- dates and timestamps
        event_date,
        published_at
    from events
)

select * from final
