with

order_events as (select * from {{ ref('base_shop__order_events') }}),

event_words as (select * from {{ ref('order_event_words') }}),

-- The seed holds a word once: no row is multiplied.
final as (
    select
        -- keys
        order_events.order_event_id as native_order_event_id,
        order_events.order_id as native_order_id,

        -- attributes
        order_events.event as event_word,
        event_words.order_event,
        lower(order_events.actor) as actor,
        order_events.carrier,
        order_events.tracking_number,
        order_events.place,
        order_events.note,

        -- dates and timestamps
        order_events.occurred_at,
        order_events.occurred_date,
        order_events.updated_at
    from order_events
    left join event_words
        on {{ status_word('order_events.event') }} = event_words.order_event_word
    where order_events.row_status = 'accepted'
)

select * from final
