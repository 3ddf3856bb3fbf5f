with

products as (select * from {{ ref('base_shop__products') }}),

final as (
    select
        -- keys
        product_id as native_product_id,

        -- attributes
        product_name,
        coalesce(lower(product_type), 'goods') as product_type,
        category,
        subcategory,
        brand,
        currency,

        -- measures
        list_price as list_price_local,
        unit_cost as unit_cost_local,

        -- dates and timestamps
        launched_at as launched_date,
        updated_at
    from products
    where row_status = 'accepted'
)

select * from final
