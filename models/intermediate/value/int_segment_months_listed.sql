with

kept_history as (select * from {{ ref('int_segment_history_kept') }}),

snapshots as (select * from {{ ref('int_customer_snapshots_scored') }}),

last_kept as (
    select max(month_end_date) as month_end_date
    from kept_history
),

final as (
    select
        customer_id as customer_id_then,
        month_end_date,
        rfm_code,
        rfm_segment,
        value_group_pattern,
        value_tier,
        lifecycle_stage,
        recency_days,
        frequency,
        monetary_amount,
        is_known_by_load_date
    from kept_history

    union all

    select
        snapshots.customer_id as customer_id_then,
        snapshots.snapshot_date as month_end_date,
        snapshots.rfm_code,
        snapshots.rfm_segment,
        snapshots.value_group_pattern,
        snapshots.value_tier,
        snapshots.lifecycle_stage,
        snapshots.recency_days,
        snapshots.frequency,
        snapshots.monetary_amount,
        snapshots.is_known_by_load_date
    from snapshots
    cross join last_kept
    where
        snapshots.snapshot_date = cast(last_day(snapshots.snapshot_date) as date)
        and (
            last_kept.month_end_date is null
            or snapshots.snapshot_date > last_kept.month_end_date
        )
)

select * from final
