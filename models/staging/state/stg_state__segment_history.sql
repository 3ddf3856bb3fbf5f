with

months as (select * from {{ source('state', 'segment_history') }}),

final as (
    select
        -- keys
        customer_id,
        month_end_date,
        build_id,

        -- attributes
        currency,
        rfm_code,
        rfm_segment,
        value_group_pattern,
        value_tier,
        lifecycle_stage,

        -- measures
        recency_days,
        frequency,
        monetary_amount,

        -- flags
        is_known_by_load_date,

        -- dates and timestamps
        published_at
    from months
)

select * from final
