with

reviews as (select * from {{ ref('base_shop__reviews') }}),

final as (
    select
        -- keys
        review_id,
        customer_id as native_customer_id,
        order_id as native_order_id,
        'shop:' || product_id as product_id,

        -- attributes
        title as review_title,
        text as review_text,

        -- measures
        rating as written_rating,
        case when rating between 1 and 5 then rating end as rating,

        -- dates and timestamps
        written_at,
        written_date,
        updated_at
    from reviews
    where row_status = 'accepted'
)

select * from final
