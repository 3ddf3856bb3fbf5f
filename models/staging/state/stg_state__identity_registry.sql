with

choices as (select * from {{ source('state', 'identity_registry') }}),

final as (
    select
        -- keys
        record_id,
        customer_id,
        build_id,

        -- dates and timestamps
        as_of_date,
        published_at
    from choices
)

select * from final
