with

interactions as (select * from {{ ref('base_crm__interactions') }}),

pain_point_words as (select * from {{ ref('pain_point_words') }}),

channel_words as (select * from {{ ref('contact_channel_words') }}),

direction_words as (select * from {{ ref('contact_direction_words') }}),

-- Each seed holds a word once: no row is multiplied.
final as (
    select
        -- keys
        interactions.interaction_id,
        lower(interactions.system) as system,
        interactions.native_id as native_customer_id,
        interactions.ticket_id,

        -- attributes
        interactions.channel as channel_word,
        channel_words.contact_channel,
        interactions.direction as direction_word,
        direction_words.direction,
        interactions.topic as topic_word,
        pain_point_words.pain_point_kind,

        -- measures
        interactions.sentiment as written_sentiment,
        case when interactions.sentiment between -1 and 1 then interactions.sentiment end
            as sentiment,
        interactions.duration_seconds,

        -- dates and timestamps
        interactions.started_at,
        interactions.started_date,
        interactions.updated_at
    from interactions
    left join pain_point_words
        on {{ status_word('interactions.topic') }} = pain_point_words.pain_point_word
    left join channel_words
        on {{ status_word('interactions.channel') }} = channel_words.contact_channel_word
    left join direction_words
        on {{ status_word('interactions.direction') }} = direction_words.contact_direction_word
    where interactions.row_status = 'accepted'
)

select * from final
