with

audience_changes as (select * from {{ source('state', 'audience_changes') }}),

final as (
    select
        -- keys
        build_id,
        audience,
        customer_id,

        -- attributes
        change,
        reason,

        -- dates and timestamps
        as_of_date,
        published_at
    from audience_changes
)

select * from final
