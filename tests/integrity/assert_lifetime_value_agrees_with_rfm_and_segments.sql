with

lifetime_value as (select * from {{ ref('customer_lifetime_value') }}),

rfm as (select * from {{ ref('customer_rfm') }}),

segments as (select * from {{ ref('customer_segments') }}),

final as (
    select
        segments.customer_id,
        segments.lifecycle_stage,
        lifetime_value.lifecycle_stage as lifetime_value_stage,
        rfm.recency_days,
        lifetime_value.since_last_purchase_days
    from segments
    left join rfm
        on segments.customer_id = rfm.customer_id
    left join lifetime_value
        on segments.customer_id = lifetime_value.customer_id
    where
        coalesce(lifetime_value.lifecycle_stage, '') <> segments.lifecycle_stage
        or coalesce(lifetime_value.since_last_purchase_days, -1) <> coalesce(rfm.recency_days, -1)
        -- The as-of date lies between the dates of the stage.
        or lifetime_value.lifecycle_stage_since_date > lifetime_value.as_of_date
        or lifetime_value.next_lifecycle_stage_date <= lifetime_value.as_of_date
)

select * from final
