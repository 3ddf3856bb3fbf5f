with

snapshots as (select * from {{ ref('int_customer_snapshots') }}),

rfm_fixed_thresholds as (select * from {{ ref('rfm_fixed_thresholds') }}),

rfm_segment_map as (select * from {{ ref('rfm_segment_map') }}),

rfm_segment_conditions as (select * from {{ ref('rfm_segment_conditions') }}),

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

-- One row per day: what the buyers of that day have in common.
{% set measures = {
    'recency': 'recency_days',
    'frequency': 'frequency',
    'monetary': 'monetary_amount',
} %}
days as (
    select
        snapshot_date,
        {% for name, measure in measures.items() %}
            min({{ measure }}) as least_{{ name }},
            max({{ measure }}) as largest_{{ name }},
            {{ divide('sum(' ~ measure ~ ')', 'count(*)') }} as mean_{{ name }}
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from measured
    where is_buyer
    group by snapshot_date
),

-- Where all buyers of a day have the same value, nobody can be compared: the fixed thresholds
-- decide. Otherwise these scores are null.
equal_days as (
    select
        days.*,
        {% for name in measures %}
            case
                when days.least_{{ name }} = days.largest_{{ name }}
                    then {{ name }}_thresholds.score
            end as equal_{{ name }}_score{% if not loop.last %},{% endif %}
        {% endfor %}
    from days
    {{ fixed_score_joins('days.least_recency', 'days.least_frequency', 'days.least_monetary') }}
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
            as compared_recency_score,
        case when is_buyer then {{ share_worse_score('frequency', within=buyers) }} end
            as compared_frequency_score,
        case when is_buyer then {{ share_worse_score('monetary_amount', within=buyers) }} end
            as compared_monetary_score,
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

-- Whoever bought last has the best recency, however many they are.
rated as (
    select
        compared.*,
        case
            when not compared.is_buyer then null
            when equal_days.equal_recency_score is not null then equal_days.equal_recency_score
            when compared.recency_days = equal_days.least_recency then 5
            else compared.compared_recency_score
        end as recency_score,
        case
            when compared.is_buyer
                then
                    coalesce(
                        equal_days.equal_frequency_score, compared.compared_frequency_score
                    )
        end as frequency_score,
        case
            when compared.is_buyer
                then
                    coalesce(equal_days.equal_monetary_score, compared.compared_monetary_score)
        end as monetary_score
    from compared
    left join equal_days
        on compared.snapshot_date = equal_days.snapshot_date
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
    from rated
),

-- One row per day: the cut of each measure, which is the mean of the buyers or a fixed value of the
-- seed. Where all have the same value, a mean divides nobody: they are all on the good side from a
-- fixed score of 3 on, and else all on the other.
cuts as (
    select
        equal_days.snapshot_date,
        {% for name, measure in measures.items() %}
            max(
                case
                    when value_group_cuts.measure <> '{{ measure }}' then null
                    when value_group_cuts.method <> 'mean' then value_group_cuts.fixed_value
                    when equal_days.least_{{ name }} < equal_days.largest_{{ name }}
                        then equal_days.mean_{{ name }}
                    when coalesce(equal_days.equal_{{ name }}_score, 1) >= 3
                        then equal_days.mean_{{ name }}
                    else equal_days.mean_{{ name }} {{ '-' if name == 'recency' else '+' }} 1
                end
            ) as {{ measure }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from equal_days
    cross join value_group_cuts
    group by equal_days.snapshot_date
),

final as (
    select
        -- keys
        scored.customer_id,
        scored.snapshot_date,

        -- attributes
        scored.rfm_code,
        case when scored.is_buyer then {{ rfm_segment() }} else 'Prospects' end as rfm_segment,
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
    {{ rfm_segment_joins('scored.rfm_code', 'scored.since_first_order_days', 'scored.frequency') }}
    left join cuts
        on scored.snapshot_date = cuts.snapshot_date
    left join value_groups
        on
            scored.is_buyer
            and value_groups.is_recent = (scored.recency_days <= cuts.recency_days)
            and value_groups.is_frequent = (scored.frequency >= cuts.frequency)
            and value_groups.is_high_value = (
                scored.monetary_amount >= cuts.monetary_amount
                and scored.monetary_amount > 0
            )
    -- the ranges of a seed do not overlap, which a test of the seed proves
    left join value_tiers
        on
            scored.share_below >= value_tiers.from_share_below
            and scored.share_below < coalesce(value_tiers.to_share_below, 2)
    {{ lifecycle_stage_joins('scored.since_first_order_days', 'scored.recency_days') }}
)

select * from final
