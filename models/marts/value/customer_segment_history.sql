with

kept_history as (select * from {{ ref('int_segment_history_kept') }}),

snapshots as (select * from {{ ref('int_customer_snapshots_scored') }}),

aliases as (select * from {{ ref('customer_id_aliases') }}),

last_kept as (
    select max(month_end_date) as month_end_date
    from kept_history
),

months as (
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
),

-- A customer of whom no record is delivered any more is left out: an erased customer has no
-- history.
final as (
    select
        -- keys
        months.customer_id_then,
        aliases.customer_id,

        -- attributes
        months.rfm_code,
        months.rfm_segment,
        previous_months.rfm_segment as previous_rfm_segment,
        months.value_group_pattern,
        months.value_tier,
        months.lifecycle_stage,

        -- measures
        months.recency_days,
        months.frequency,
        months.monetary_amount,
        previous_months.monetary_amount as previous_monetary_amount,

        -- flags
        months.is_known_by_load_date,

        -- dates and timestamps
        months.month_end_date
    from months
    inner join aliases
        on months.customer_id_then = aliases.alias_customer_id
    left join months as previous_months
        on
            months.customer_id_then = previous_months.customer_id_then
            and previous_months.month_end_date
            = {{ add_days("cast(date_trunc('month', months.month_end_date) as date)", -1) }}
)

select * from final
