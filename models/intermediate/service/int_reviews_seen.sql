with

reviews as (select * from {{ ref('stg_shop__reviews') }}),

records as (select * from {{ ref('int_records_clustered') }}),

as_of as (select * from {{ ref('int_as_of') }}),

final as (
    select
        -- keys
        reviews.review_id,
        records.record_key,
        reviews.native_customer_id,
        'shop:' || reviews.native_order_id as order_id,
        reviews.product_id,

        -- attributes
        reviews.review_title,
        reviews.review_text,

        -- measures
        reviews.rating,

        -- flags
        coalesce(reviews.rating <= {{ var('low_rating') }}, false) as is_low_rated,

        -- dates and timestamps
        reviews.written_at,
        reviews.written_date
    from reviews
    inner join as_of
        on reviews.written_date <= as_of.as_of_date
    left join records
        on
            records.system = 'shop'
            and reviews.native_customer_id = records.native_customer_id
)

select * from final
