with

restatements as (select * from {{ source('state', 'history_restatements') }}),

final as (
    select
        -- keys
        event_id,

        -- attributes
        reason,

        -- dates and timestamps
        from_date,
        event_at
    from restatements
)

select * from final
