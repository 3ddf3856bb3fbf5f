with

rfm as (select * from {{ ref('customer_rfm') }}),

purchases as (select * from {{ ref('int_customer_purchases') }}),

segment_map as (select * from {{ ref('rfm_segment_map') }}),

value_groups as (select * from {{ ref('value_groups') }}),

value_group_cuts as (select * from {{ ref('value_group_cuts') }}),

value_tiers as (select * from {{ ref('value_tiers') }}),

lifecycle_stages as (select * from {{ ref('lifecycle_stages') }}),

profiles as (select * from {{ ref('int_customer_profile_segments') }}),

buyer_means as (
    select
        {{ divide('sum(recency_days)', 'count(*)') }} as recency_days,
        {{ divide('sum(frequency)', 'count(*)') }} as frequency,
        {{ divide('sum(monetary_amount)', 'count(*)') }} as monetary_amount
    from rfm
    where frequency > 0
),

-- One row: the cut of each measure, the mean of the buyers or the seed's own value.
cuts as (
    select
        max(
            case
                when value_group_cuts.measure <> 'recency_days' then null
                when value_group_cuts.method = 'mean' then buyer_means.recency_days
                else value_group_cuts.fixed_value
            end
        ) as recency_days,
        max(
            case
                when value_group_cuts.measure <> 'frequency' then null
                when value_group_cuts.method = 'mean' then buyer_means.frequency
                else value_group_cuts.fixed_value
            end
        ) as frequency,
        max(
            case
                when value_group_cuts.measure <> 'monetary_amount' then null
                when value_group_cuts.method = 'mean' then buyer_means.monetary_amount
                else value_group_cuts.fixed_value
            end
        ) as monetary_amount
    from value_group_cuts
    cross join buyer_means
),

-- The share of paying customers that are worth strictly less.
paying as (
    select
        customer_id,
        {{ divide(
            'rank() over (order by monetary_amount asc nulls last) - 1', 'count(*) over ()'
        ) }} as share_below
    from rfm
    where monetary_amount > 0
),

tiered as (
    select
        paying.customer_id,
        value_tiers.value_tier
    from paying
    inner join value_tiers
        on
            paying.share_below >= value_tiers.from_share_below
            and paying.share_below < coalesce(value_tiers.to_share_below, 2)
),

ages as (
    select
        customer_id,
        {{ days_between('first_paid_order_date', 'as_of_date') }} as since_first_order_days,
        {{ days_between('last_paid_order_date', 'as_of_date') }} as since_last_order_days
    from purchases
),

new_customers as (
    select
        ages.customer_id,
        lifecycle_stages.lifecycle_stage
    from ages
    inner join lifecycle_stages
        on
            lifecycle_stages.measure = 'days_since_first_order'
            and ages.since_first_order_days >= lifecycle_stages.from_days
            and ages.since_first_order_days < coalesce(lifecycle_stages.to_days, 999999)
),

repeat_customers as (
    select
        ages.customer_id,
        lifecycle_stages.lifecycle_stage
    from ages
    inner join lifecycle_stages
        on
            lifecycle_stages.measure = 'days_since_last_order'
            and ages.since_last_order_days >= lifecycle_stages.from_days
            and ages.since_last_order_days < coalesce(lifecycle_stages.to_days, 999999)
),

final as (
    select
        -- keys
        rfm.customer_id,
        rfm.as_of_date,

        -- attributes
        case when rfm.frequency = 0 then 'Prospects' else segment_map.rfm_segment end
            as rfm_segment,
        value_groups.value_group_pattern,
        value_groups.value_group_zh,
        value_groups.value_group_en,
        case
            when rfm.monetary_amount < 0 then 'negative'
            when rfm.monetary_amount = 0 then 'zero'
            else tiered.value_tier
        end as value_tier,
        coalesce(
            new_customers.lifecycle_stage, repeat_customers.lifecycle_stage, 'prospect'
        ) as lifecycle_stage,
        case when rfm.frequency = 0 then 'Prospects' else fixed_segment_map.rfm_segment end
            as fixed_rfm_segment,
        profiles.age_band,
        profiles.demographic_segment,
        profiles.geographic_segment,
        profiles.city_level,
        profiles.occupation_group,
        profiles.income_group,
        profiles.behaviour_segment,

        -- dates and timestamps
        purchases.first_paid_order_date,
        purchases.last_paid_order_date
    from rfm
    inner join purchases
        on rfm.customer_id = purchases.customer_id
    cross join cuts
    left join segment_map
        on rfm.rfm_code = segment_map.rfm_code
    left join segment_map as fixed_segment_map
        on rfm.fixed_rfm_code = fixed_segment_map.rfm_code
    left join value_groups
        on
            rfm.frequency > 0
            and value_groups.is_recent = (rfm.recency_days <= cuts.recency_days)
            and value_groups.is_frequent = (rfm.frequency >= cuts.frequency)
            and value_groups.is_high_value = (rfm.monetary_amount >= cuts.monetary_amount)
    left join tiered
        on rfm.customer_id = tiered.customer_id
    left join new_customers
        on rfm.customer_id = new_customers.customer_id
    left join repeat_customers
        on rfm.customer_id = repeat_customers.customer_id
    left join profiles
        on rfm.customer_id = profiles.customer_id
)

select * from final
