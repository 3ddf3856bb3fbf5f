with

interactions as (select * from {{ ref('stg_crm__interactions') }}),

records as (select * from {{ ref('int_records_clustered') }}),

as_of as (select * from {{ ref('int_as_of') }}),

final as (
    select
        -- keys
        interactions.interaction_id,
        records.record_key,
        interactions.native_customer_id,
        interactions.system,
        interactions.ticket_id,

        -- attributes
        interactions.channel_word,
        interactions.contact_channel,
        interactions.direction_word,
        interactions.direction,
        interactions.topic_word,
        interactions.pain_point_kind,

        -- measures
        interactions.sentiment,
        interactions.duration_seconds,

        -- dates and timestamps
        interactions.started_at,
        interactions.started_date
    from interactions
    inner join as_of
        on interactions.started_date <= as_of.as_of_date
    left join records
        on
            interactions.system = records.system
            and interactions.native_customer_id = records.native_customer_id
)

select * from final
