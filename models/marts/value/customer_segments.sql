with

snapshots as (select * from {{ ref('int_customer_snapshots_scored') }}),

final as (
    select
        -- keys
        customer_id,
        snapshot_date as as_of_date,

        -- attributes
        rfm_segment,
        value_group_pattern,
        value_group_zh,
        value_group_en,
        value_tier,
        lifecycle_stage,

        -- dates and timestamps
        first_paid_order_date,
        last_paid_order_date
    from snapshots
    where is_as_of
)

select * from final
