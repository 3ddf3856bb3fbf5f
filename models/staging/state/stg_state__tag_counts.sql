with

tag_counts as (select * from {{ source('state', 'tag_counts') }}),

final as (
    select
        -- keys
        build_id,
        tag_code,

        -- measures
        customer_count as customers_count,
        all_customer_count as all_customers_count,

        -- dates and timestamps
        as_of_date,
        published_at
    from tag_counts
)

select * from final
