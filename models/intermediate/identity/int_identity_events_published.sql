with

events as (select * from {{ ref('stg_state__identity_log') }}),

as_of as (select * from {{ ref('int_as_of') }}),

final as (
    select
        -- keys
        events.event,
        events.from_customer_id,
        events.to_customer_id,
        events.event_number,

        -- attributes
        events.reason,
        events.evidence,

        -- measures
        events.records_count,

        -- dates and timestamps
        events.event_date
    from events
    inner join as_of
        on events.event_date <= as_of.as_of_date
)

select * from final
