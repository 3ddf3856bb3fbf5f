with

launches as (select * from {{ ref('int_product_launches') }}),

buyers as (select * from {{ ref('int_product_launch_buyers') }}),

history as (select * from {{ ref('int_segment_months_listed') }}),

-- Who is in which segment at the start of a month, before any trial in it: the purchase itself
-- makes a better segment.
segment_months as (
    select
        customer_id_then as customer_id,
        rfm_segment,
        {{ add_days('month_end_date', 1) }} as month_start_date
    from history
),

month_counts as (
    select
        month_start_date,
        rfm_segment,
        count(*) as customers_count
    from segment_months
    group by month_start_date, rfm_segment
),

-- The months of each launch, up to the as-of date, in which its customers could have tried it.
exposures as (
    select
        launches.product_key,
        month_counts.rfm_segment,
        sum(month_counts.customers_count) as customer_months_count
    from launches
    inner join month_counts
        on
            launches.as_of_date >= month_counts.month_start_date
            and cast(date_trunc('month', launches.launched_date) as date)
            <= month_counts.month_start_date
    group by launches.product_key, month_counts.rfm_segment
),

placed as (
    select
        buyers.*,
        coalesce(segment_months.rfm_segment, 'not_known') as rfm_segment
    from buyers
    left join segment_months
        on
            buyers.customer_id = segment_months.customer_id
            and cast(date_trunc('month', buyers.trial_date) as date)
            = segment_months.month_start_date
),

totals as (
    select
        product_key,
        rfm_segment,
        count(*) as trial_buyers_count,
        count(*) filter (where days_count > 1) as repeat_buyers_count,
        sum(realised_amount) as realised_amount
    from placed
    group by product_key, rfm_segment
),

-- Whoever had no segment is compared with nobody.
shared as (
    select
        totals.*,
        exposures.customer_months_count,
        sum(totals.trial_buyers_count) over (partition by totals.product_key)
            as product_buyers_count,
        sum(case when totals.rfm_segment <> 'not_known' then totals.trial_buyers_count end)
            over (partition by totals.product_key) as known_buyers_count
    from totals
    left join exposures
        on
            totals.product_key = exposures.product_key
            and totals.rfm_segment = exposures.rfm_segment
),

all_exposures as (
    select
        product_key,
        sum(customer_months_count) as customer_months_count
    from exposures
    group by product_key
),

final as (
    select
        -- keys
        launches.product_id,
        shared.rfm_segment,
        launches.as_of_date,

        -- measures
        cast(shared.trial_buyers_count as bigint) as trial_buyers_count,
        cast(shared.repeat_buyers_count as bigint) as repeat_buyers_count,
        cast(shared.customer_months_count as bigint) as customer_months_count,
        {{ divide('100 * shared.trial_buyers_count', 'shared.customer_months_count') }}
            as monthly_trial_pct,
        {{ divide('100 * shared.repeat_buyers_count', 'shared.trial_buyers_count') }}
            as repeat_pct,
        {{ divide('100 * shared.trial_buyers_count', 'shared.product_buyers_count') }}
            as buyers_share_pct,
        case
            when shared.customer_months_count is not null
                then {{ divide(
                    divide('100 * shared.trial_buyers_count', 'shared.known_buyers_count'),
                    divide('shared.customer_months_count', 'all_exposures.customer_months_count')
                ) }}
        end as index_against_all,
        cast(shared.realised_amount as decimal(38, 4)) as realised_amount
    from shared
    inner join launches
        on shared.product_key = launches.product_key
    left join all_exposures
        on shared.product_key = all_exposures.product_key
)

select * from final
