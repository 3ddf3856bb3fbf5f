with

launches as (select * from {{ ref('int_product_launches') }}),

buyers as (select * from {{ ref('int_product_launch_buyers') }}),

segments as (select * from {{ ref('customer_segments') }}),

all_segments as (
    select
        rfm_segment,
        count(*) as customers_count
    from segments
    where rfm_segment is not null
    group by rfm_segment
),

all_customers as (select sum(customers_count) as customers_count from all_segments),

totals as (
    select
        buyers.product_key,
        segments.rfm_segment,
        count(*) as trial_buyers_count,
        count(*) filter (where buyers.days_count > 1) as repeat_buyers_count,
        sum(buyers.realised_amount) as realised_amount
    from buyers
    inner join segments
        on buyers.customer_id = segments.customer_id
    where segments.rfm_segment is not null
    group by buyers.product_key, segments.rfm_segment
),

shared as (
    select
        *,
        sum(trial_buyers_count) over (partition by product_key) as product_buyers_count
    from totals
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
        {{ divide('100 * shared.trial_buyers_count', 'all_segments.customers_count') }}
            as trial_pct,
        {{ divide('100 * shared.repeat_buyers_count', 'shared.trial_buyers_count') }}
            as repeat_pct,
        {{ divide('100 * shared.trial_buyers_count', 'shared.product_buyers_count') }}
            as buyers_share_pct,
        {{ divide(
            divide('100 * shared.trial_buyers_count', 'shared.product_buyers_count'),
            divide('all_segments.customers_count', 'all_customers.customers_count')
        ) }} as index_against_all,
        cast(shared.realised_amount as decimal(38, 4)) as realised_amount
    from shared
    inner join launches
        on shared.product_key = launches.product_key
    inner join all_segments
        on shared.rfm_segment = all_segments.rfm_segment
    cross join all_customers
)

select * from final
