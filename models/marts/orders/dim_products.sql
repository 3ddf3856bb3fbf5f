with

products as (select * from {{ ref('int_products_unioned') }}),

final as (
    select
        -- keys
        product_id,
        system,
        native_product_id,

        -- attributes
        product_name,
        product_type,
        category,
        subcategory,
        category_level_3,
        brand,
        audience,
        currency,

        -- measures
        list_price_local,
        unit_cost_local,

        -- flags
        is_inferred,

        -- dates and timestamps
        launched_date
    from products
)

select * from final
