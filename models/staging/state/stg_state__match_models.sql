with

events as (select * from {{ source('state', 'match_models') }}),

final as (
    select
        -- keys
        event_id,
        model_version,

        -- attributes
        event,
        base_version,

        -- measures
        record_count as records_count,
        pairs_per_record,
        training_count,
        converged_count,

        -- dates and timestamps
        event_at
    from events
)

select * from final
