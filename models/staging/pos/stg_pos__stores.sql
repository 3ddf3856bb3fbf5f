with

stores as (select * from {{ ref('base_pos__stores') }}),

country_names as (select * from {{ ref('country_names') }}),

final as (
    select
        -- keys
        stores.store_id as native_store_id,

        -- attributes
        stores.store_name,
        country_names.country_code,
        stores.region,
        stores.city,

        -- dates and timestamps
        stores.opened_at as opened_date,
        stores.updated_at
    from stores
    left join country_names
        on lower(stores.country) = country_names.country_name
    where stores.row_status = 'accepted'
)

select * from final
