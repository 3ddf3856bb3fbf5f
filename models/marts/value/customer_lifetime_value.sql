with

customers as (select * from {{ ref('int_customer_purchases') }}),

summaries as (select * from {{ ref('int_customer_purchase_summary') }}),

expected as (select * from {{ ref('int_clv_purchases_expected') }}),

parameters as (select * from {{ ref('int_clv_parameters') }}),

rhythms as (select * from {{ ref('int_customer_rhythms') }}),

lifecycles as (select * from {{ ref('int_customer_lifecycles') }}),

churn_risk_bands as (select * from {{ ref('churn_risk_bands') }}),

-- Closed formulas: the probability that a customer is still alive, and the value of a purchase.
judged as (
    select
        summaries.customer_id,
        summaries.repeat_days_count,
        summaries.first_to_last_purchase_days,
        summaries.observed_days,
        summaries.mean_repeat_day_amount,
        case
            -- nobody leaves before a repeat purchase
            when summaries.repeat_days_count = 0 then 1
            else
                {{ divide(
                    1,
                    '1 + exp(least('
                    ~ 'ln(parameters.a) - ln(parameters.b + greatest(summaries.repeat_days_count - 1, 0))'
                    ~ ' + (parameters.r + summaries.repeat_days_count) * ('
                    ~ 'ln(parameters.alpha_days + summaries.observed_days)'
                    ~ ' - ln(parameters.alpha_days + summaries.first_to_last_purchase_days))'
                    ~ ', 700))'
                ) }}
        end as p_alive,
        case
            when summaries.mean_repeat_day_amount > 0
                then
                    {{ divide(
                        'parameters.p * (parameters.gamma_amount'
                        ~ ' + summaries.valued_repeat_days_count'
                        ~ ' * summaries.mean_repeat_day_amount)',
                        'parameters.p * summaries.valued_repeat_days_count + parameters.q - 1'
                    ) }}
            -- nothing is known about the customer's amounts: the mean of all
            else {{ divide('parameters.p * parameters.gamma_amount', 'parameters.q - 1') }}
        end as expected_purchase_amount
    from summaries
    cross join parameters
),

-- The ranges of the seed are disjoint: one row per customer.
banded as (
    select
        judged.customer_id,
        churn_risk_bands.churn_risk_band
    from judged
    inner join rhythms
        on judged.customer_id = rhythms.customer_id
    inner join churn_risk_bands
        on
            judged.p_alive >= churn_risk_bands.from_p_alive
            and judged.p_alive < coalesce(churn_risk_bands.to_p_alive, 2)
            and rhythms.overdue_factor >= churn_risk_bands.from_overdue_factor
            and rhythms.overdue_factor
            < coalesce(churn_risk_bands.to_overdue_factor, rhythms.overdue_factor + 1)
),

final as (
    select
        -- keys
        customers.customer_id,
        customers.as_of_date,

        -- attributes
        parameters.bg_nbd_version,
        parameters.bg_nbd_source,
        parameters.gamma_gamma_version,
        parameters.gamma_gamma_source,
        banded.churn_risk_band,
        coalesce(lifecycles.lifecycle_stage, 'prospect') as lifecycle_stage,
        lifecycles.next_lifecycle_stage,

        -- measures
        judged.repeat_days_count,
        judged.first_to_last_purchase_days,
        judged.observed_days,
        {{ divide('judged.mean_repeat_day_amount', 1, 'decimal(38, 4)') }}
            as mean_repeat_day_amount,
        cast(judged.p_alive as double) as p_alive,
        judged.p_alive * expected.alive_purchases_30d_count as expected_purchases_30d_count,
        judged.p_alive * expected.alive_purchases_90d_count as expected_purchases_90d_count,
        judged.p_alive * expected.alive_purchases_365d_count as expected_purchases_365d_count,
        {{ divide('judged.expected_purchase_amount', 1, 'decimal(38, 4)') }}
            as expected_purchase_amount,
        {{ divide(
            'judged.p_alive * expected.alive_discounted_purchases_count'
            ~ ' * judged.expected_purchase_amount',
            1, 'decimal(38, 4)'
        ) }} as lifetime_value_amount,
        rhythms.since_last_purchase_days,
        rhythms.median_gap_days,
        rhythms.gap_spread_days,
        rhythms.expected_gap_days,
        rhythms.overdue_factor,
        -- P(alive) is 1 for one-time buyers. Used as it is, it would rank each repeat customer who
        -- has slowed down behind them. Its square root ranks best (benchmarks/value_quality.py).
        exp(-1 * expected.alive_purchases_90d_count * sqrt(judged.p_alive)) as churn_score,

        -- flags
        judged.repeat_days_count = 0 as is_one_timer,
        rhythms.is_overdue,

        -- dates and timestamps
        rhythms.next_purchase_date,
        lifecycles.lifecycle_stage_since_date,
        lifecycles.next_lifecycle_stage_date,
        parameters.bg_nbd_as_of_date,
        parameters.gamma_gamma_as_of_date
    from customers
    cross join parameters
    left join judged
        on customers.customer_id = judged.customer_id
    left join expected
        on
            judged.repeat_days_count = expected.repeat_days_count
            and judged.observed_days = expected.observed_days
    left join banded
        on customers.customer_id = banded.customer_id
    left join rhythms
        on customers.customer_id = rhythms.customer_id
    left join lifecycles
        on customers.customer_id = lifecycles.customer_id
)

select * from final
