with

products as (select * from {{ ref('base_shop__products') }}),

audience_words as (select * from {{ ref('audience_words') }}),

final as (
    select
        -- keys
        products.product_id as native_product_id,

        -- attributes
        products.product_name,
        coalesce(lower(products.product_type), 'goods') as product_type,
        products.category,
        products.subcategory,
        products.category_level_3,
        products.brand,
        products.audience as audience_word,
        audience_words.audience,
        products.currency,

        -- measures
        products.list_price as list_price_local,
        products.unit_cost as unit_cost_local,

        -- dates and timestamps
        products.launched_at as launched_date,
        products.updated_at
    from products
    left join audience_words
        on {{ status_word('products.audience') }} = audience_words.audience_word
    where products.row_status = 'accepted'
)

select * from final
