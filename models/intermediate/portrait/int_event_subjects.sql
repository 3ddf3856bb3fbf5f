with

sessioned as (select * from {{ ref('int_events_sessioned') }}),

app_events as (select * from {{ ref('stg_app__events') }}),

-- Whose an event is, its session says; what it is about, the event. The two have an event once.
final as (
    select
        -- keys
        sessioned.record_key,
        sessioned.session_key,
        app_events.product_id,

        -- attributes
        sessioned.event_type,
        app_events.page,
        app_events.search_text,
        app_events.referrer_word,

        -- measures
        app_events.results_count,

        -- dates and timestamps
        sessioned.occurred_at,
        sessioned.occurred_date
    from sessioned
    inner join app_events
        on sessioned.native_event_id = app_events.native_event_id
    where sessioned.record_key is not null
)

select * from final
