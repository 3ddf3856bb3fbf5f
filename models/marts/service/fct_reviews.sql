with

reviews as (select * from {{ ref('int_reviews_seen') }}),

records as (select * from {{ ref('int_records_clustered') }}),

final as (
    select
        -- keys
        reviews.review_id,
        records.customer_id,
        records.record_id,
        reviews.native_customer_id,
        reviews.order_id,
        reviews.product_id,

        -- attributes
        reviews.review_title,
        reviews.review_text,

        -- measures
        reviews.rating,

        -- flags
        reviews.is_low_rated,

        -- dates and timestamps
        reviews.written_at,
        reviews.written_date
    from reviews
    left join records
        on reviews.record_key = records.record_key
)

select * from final
