with

snapshots as (select * from {{ ref('int_customer_snapshots') }}),

segment_map as (select * from {{ ref('rfm_segment_map') }}),

value_groups as (select * from {{ ref('value_groups') }}),

value_group_cuts as (select * from {{ ref('value_group_cuts') }}),

value_tiers as (select * from {{ ref('value_tiers') }}),

lifecycle_stages as (select * from {{ ref('lifecycle_stages') }}),

measured as (
    select
        customer_id,
        snapshot_date,
        recency_days,
        frequency,
        monetary_amount,
        {{ days_between('first_paid_order_date', 'snapshot_date') }} as since_first_order_days,
        frequency > 0 as is_buyer,
        monetary_amount > 0 as is_paying,
        is_as_of,
        is_known_by_load_date,
        first_paid_order_date,
        last_paid_order_date
    from snapshots
),

-- Only buyers are scored, each against the buyers of the same day. A tier depends on the share of
-- paying customers who are worth strictly less.
{% set buyers = 'snapshot_date, is_buyer' %}
compared as (
    select
        customer_id,
        snapshot_date,
        recency_days,
        frequency,
        monetary_amount,
        since_first_order_days,
        case when is_buyer then {{ share_worse_score('recency_days', 'desc', within=buyers) }} end
            as recency_score,
        case when is_buyer then {{ share_worse_score('frequency', within=buyers) }} end
            as frequency_score,
        case when is_buyer then {{ share_worse_score('monetary_amount', within=buyers) }} end
            as monetary_score,
        rank() over (
            partition by snapshot_date, is_paying
            order by monetary_amount asc nulls last
        ) as paying_rank,
        count(*) over (partition by snapshot_date, is_paying) as paying_count,
        is_buyer,
        is_paying,
        is_as_of,
        is_known_by_load_date,
        first_paid_order_date,
        last_paid_order_date
    from measured
),

scored as (
    select
        customer_id,
        snapshot_date,
        cast(recency_score * 100 + frequency_score * 10 + monetary_score as string) as rfm_code,
        recency_days,
        frequency,
        monetary_amount,
        since_first_order_days,
        recency_score,
        frequency_score,
        monetary_score,
        case when is_paying then {{ divide('paying_rank - 1', 'paying_count') }} end as share_below,
        is_buyer,
        is_as_of,
        is_known_by_load_date,
        first_paid_order_date,
        last_paid_order_date
    from compared
),

buyer_means as (
    select
        snapshot_date,
        {{ divide('sum(recency_days)', 'count(*)') }} as recency_days,
        {{ divide('sum(frequency)', 'count(*)') }} as frequency,
        {{ divide('sum(monetary_amount)', 'count(*)') }} as monetary_amount
    from measured
    where is_buyer
    group by snapshot_date
),

-- One row per day: the cut of each measure, which is the mean of the buyers or a fixed value of the
-- seed.
cuts as (
    select
        buyer_means.snapshot_date,
        {% for measure in ['recency_days', 'frequency', 'monetary_amount'] %}
            max(
                case
                    when value_group_cuts.measure <> '{{ measure }}' then null
                    when value_group_cuts.method = 'mean' then buyer_means.{{ measure }}
                    else value_group_cuts.fixed_value
                end
            ) as {{ measure }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from buyer_means
    cross join value_group_cuts
    group by buyer_means.snapshot_date
),

final as (
    select
        -- keys
        scored.customer_id,
        scored.snapshot_date,

        -- attributes
        scored.rfm_code,
        case when scored.is_buyer then segment_map.rfm_segment else 'Prospects' end as rfm_segment,
        value_groups.value_group_pattern,
        value_groups.value_group_zh,
        value_groups.value_group_en,
        case
            when scored.monetary_amount < 0 then 'negative'
            when scored.monetary_amount = 0 then 'zero'
            else value_tiers.value_tier
        end as value_tier,
        coalesce({{ lifecycle_stage() }}, 'prospect') as lifecycle_stage,

        -- measures
        scored.recency_days,
        scored.frequency,
        scored.monetary_amount,
        scored.recency_score,
        scored.frequency_score,
        scored.monetary_score,

        -- flags
        scored.is_as_of,
        scored.is_known_by_load_date,

        -- dates and timestamps
        scored.first_paid_order_date,
        scored.last_paid_order_date
    from scored
    left join segment_map
        on scored.rfm_code = segment_map.rfm_code
    left join cuts
        on scored.snapshot_date = cuts.snapshot_date
    left join value_groups
        on
            scored.is_buyer
            and value_groups.is_recent = (scored.recency_days <= cuts.recency_days)
            and value_groups.is_frequent = (scored.frequency >= cuts.frequency)
            and value_groups.is_high_value = (scored.monetary_amount >= cuts.monetary_amount)
    -- the ranges of a seed do not overlap, which a test of the seed proves
    left join value_tiers
        on
            scored.share_below >= value_tiers.from_share_below
            and scored.share_below < coalesce(value_tiers.to_share_below, 2)
    {{ lifecycle_stage_joins('scored.since_first_order_days', 'scored.recency_days') }}
)

select * from final
