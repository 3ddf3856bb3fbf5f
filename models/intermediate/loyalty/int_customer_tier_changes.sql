with

as_of as (select * from {{ ref('int_as_of') }}),

ledger as (select * from {{ ref('int_loyalty_points_ledger') }}),

records as (select * from {{ ref('int_records_clustered') }}),

loyalty_tiers as (select * from {{ ref('loyalty_tiers') }}),

-- Everybody with an account is at least in the lowest tier. Earned points count for 365 days.
earned as (
    select
        records.customer_id,
        ledger.occurred_date,
        sum(case when ledger.entry_kind = 'earn' then ledger.points else 0 end) as points
    from ledger
    inner join records
        on ledger.record_key = records.record_key
    group by records.customer_id, ledger.occurred_date
),

changes as (
    select
        customer_id,
        occurred_date as change_date,
        points
    from earned

    union all

    select
        earned.customer_id,
        {{ add_days('earned.occurred_date', 365) }} as change_date,
        -earned.points as points
    from earned
    inner join as_of
        on {{ add_days('earned.occurred_date', 365) }} <= as_of.as_of_date
    where earned.points <> 0
),

days as (
    select
        customer_id,
        change_date,
        sum(points) as points
    from changes
    group by customer_id, change_date
),

counted as (
    select
        customer_id,
        change_date,
        sum(points) over (
            partition by customer_id
            order by change_date asc nulls last
            rows between unbounded preceding and current row
        ) as earned_365d_points
    from days
),

-- The seed holds each number of points once: no row is multiplied.
tiered as (
    select
        counted.customer_id,
        counted.change_date,
        counted.earned_365d_points,
        loyalty_tiers.loyalty_tier,
        loyalty_tiers.tier_level
    from counted
    inner join loyalty_tiers
        on
            greatest(counted.earned_365d_points, 0) >= loyalty_tiers.from_points
            and (
                loyalty_tiers.to_points is null
                or greatest(counted.earned_365d_points, 0) < loyalty_tiers.to_points
            )
),

compared as (
    select
        customer_id,
        change_date,
        earned_365d_points,
        loyalty_tier,
        tier_level,
        lag(loyalty_tier) over (
            partition by customer_id
            order by change_date asc nulls last
        ) as previous_tier,
        lag(tier_level) over (
            partition by customer_id
            order by change_date asc nulls last
        ) as previous_level
    from tiered
),

numbered as (
    select
        customer_id,
        change_date,
        earned_365d_points,
        loyalty_tier,
        tier_level,
        previous_tier,
        previous_level,
        row_number() over (
            partition by customer_id
            order by change_date desc nulls last
        ) as change_rank
    from compared
    where
        previous_level is null
        or previous_level <> tier_level
),

final as (
    select
        -- keys
        customer_id,
        change_date,

        -- attributes
        loyalty_tier,
        previous_tier,
        case
            when previous_level is null then 'joined'
            when tier_level > previous_level then 'upgraded'
            else 'downgraded'
        end as change_type,

        -- measures
        cast(earned_365d_points as decimal(38, 4)) as earned_365d_points,

        -- flags
        change_rank = 1 as is_latest
    from numbered
)

select * from final
