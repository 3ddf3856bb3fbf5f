with

interactions as (select * from {{ ref('int_interactions_seen') }}),

records as (select * from {{ ref('int_records_clustered') }}),

final as (
    select
        -- keys
        interactions.interaction_id,
        records.customer_id,
        records.record_id,
        interactions.native_customer_id,
        interactions.ticket_id,
        interactions.system,

        -- attributes
        interactions.contact_channel,
        interactions.channel_word,
        interactions.direction,
        interactions.direction_word,
        interactions.pain_point_kind,
        interactions.topic_word,

        -- measures
        interactions.sentiment,
        interactions.duration_seconds,

        -- dates and timestamps
        interactions.started_at,
        interactions.started_date
    from interactions
    left join records
        on interactions.record_key = records.record_key
)

select * from final
