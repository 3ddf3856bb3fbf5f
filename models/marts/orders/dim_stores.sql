with

stores as (select * from {{ ref('int_stores_unioned') }}),

final as (
    select
        -- keys
        store_id,
        system,
        native_store_id,

        -- attributes
        store_name,
        country_code,
        region,
        city,

        -- flags
        is_inferred,

        -- dates and timestamps
        opened_date
    from stores
)

select * from final
