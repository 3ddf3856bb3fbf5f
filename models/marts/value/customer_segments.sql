with

snapshots as (select * from {{ ref('int_customer_snapshots_scored') }}),

rfm as (select * from {{ ref('customer_rfm') }}),

rfm_segment_map as (select * from {{ ref('rfm_segment_map') }}),

rfm_segment_conditions as (select * from {{ ref('rfm_segment_conditions') }}),

profiles as (select * from {{ ref('int_customer_profile_segments') }}),

final as (
    select
        -- keys
        snapshots.customer_id,
        snapshots.snapshot_date as as_of_date,

        -- attributes
        snapshots.rfm_segment,
        snapshots.value_group_pattern,
        snapshots.value_group_zh,
        snapshots.value_group_en,
        snapshots.value_tier,
        snapshots.lifecycle_stage,
        case
            when snapshots.frequency = 0 then 'Prospects'
            else coalesce({{ rfm_segment() }}, 'unset')
        end as fixed_rfm_segment,
        profiles.age_band,
        profiles.demographic_segment,
        profiles.geographic_segment,
        profiles.city_level,
        profiles.occupation_group,
        profiles.income_group,
        profiles.behavior_segment,

        -- dates and timestamps
        snapshots.first_paid_order_date,
        snapshots.last_paid_order_date
    from snapshots
    left join rfm
        on snapshots.customer_id = rfm.customer_id
    {{ rfm_segment_joins(
        'rfm.fixed_rfm_code',
        days_between('snapshots.first_paid_order_date', 'snapshots.snapshot_date'),
        'snapshots.frequency'
    ) }}
    left join profiles
        on snapshots.customer_id = profiles.customer_id
    where snapshots.is_as_of
)

select * from final
