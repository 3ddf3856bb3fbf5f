with

customers as (select * from {{ ref('int_customer_purchases') }}),

summaries as (select * from {{ ref('int_customer_purchase_summary') }}),

expected as (select * from {{ ref('int_clv_purchases_expected') }}),

parameters as (select * from {{ ref('int_clv_parameters') }}),

rhythms as (select * from {{ ref('int_customer_rhythms') }}),

lifecycles as (select * from {{ ref('int_customer_lifecycles') }}),

churn_risk_bands as (select * from {{ ref('churn_risk_bands') }}),

-- Closed formulas: the probability that a customer is still alive, and the value of a purchase. The
-- chances to leave are the repeat purchases, and with MBG/NBD the first one too. Gamma-Gamma reads
-- the repeat days of a customer, and credibility all days.
histories as (
    select
        parameters.*,
        summaries.customer_id,
        summaries.repeat_days_count,
        summaries.first_to_last_purchase_days,
        summaries.observed_days,
        summaries.mean_repeat_day_amount,
        summaries.repeat_days_count + parameters.first_chances_count as chances_count,
        case
            when parameters.value_model = 'credibility' then summaries.valued_days_count
            else summaries.valued_repeat_days_count
        end as known_days_count,
        case
            when parameters.value_model = 'credibility' then summaries.mean_day_amount
            else summaries.mean_repeat_day_amount
        end as known_mean_amount
    from summaries
    cross join parameters
),

judged as (
    select
        customer_id,
        repeat_days_count,
        first_to_last_purchase_days,
        observed_days,
        mean_repeat_day_amount,
        r + repeat_days_count as shape,
        alpha_days + observed_days as scale_days,
        churn_intercept,
        churn_slope,
        churn_ceiling,
        case
            when purchase_model is null then null
            when chances_count = 0 then 1
            else
                {{ divide(
                    1,
                    '1 + exp(least('
                    ~ 'ln(a) - ln(b + greatest(chances_count - 1, 0))'
                    ~ ' + (r + repeat_days_count) * ('
                    ~ 'ln(alpha_days + observed_days)'
                    ~ ' - ln(alpha_days + first_to_last_purchase_days))'
                    ~ ', 700))'
                ) }}
        end as p_alive,
        case
            when known_mean_amount > 0
                then
                    {{ divide(
                        'p * (gamma_amount + known_days_count * known_mean_amount)',
                        'p * known_days_count + q - 1'
                    ) }}
            -- nothing is known about the customer's amounts: the mean of all
            else {{ divide('p * gamma_amount', 'q - 1') }}
        end as expected_purchase_amount
    from histories
),

-- Whoever has left buys nothing. The rate of whoever is alive has the distribution
-- Gamma(shape, scale), and nobody leaves between two purchases.
unbought as (
    select
        *,
        {% for days in [30, 90, 365] %}
            1 + p_alive * {{ expm1('shape * (ln(scale_days) - ln(scale_days + ' ~ days ~ '))') }}
                as no_purchase_{{ days }}d_probability{% if not loop.last %},{% endif %}
        {% endfor %}
    from judged
),

bounded as (
    select
        *,
        greatest(least(no_purchase_90d_probability, 0.999999999), 0.000000001)
            as bounded_probability
    from unbought
),

-- The probability as the company's own past corrects it (portrait/fitting/churn.py).
measured as (
    select
        *,
        case
            when churn_slope is null then null
            else
                least(
                    churn_ceiling,
                    {{ divide(
                        1,
                        '1 + exp(-1 * churn_intercept - churn_slope'
                        ~ ' * (ln(bounded_probability) - ln(1 - bounded_probability)))'
                    ) }}
                )
        end as churn_probability
    from bounded
),

-- The ranges of the seed are disjoint: one row per customer.
banded as (
    select
        measured.customer_id,
        churn_risk_bands.churn_risk_band
    from measured
    inner join churn_risk_bands
        on
            measured.churn_probability >= churn_risk_bands.from_probability
            and measured.churn_probability < coalesce(churn_risk_bands.to_probability, 2)
),

final as (
    select
        -- keys
        customers.customer_id,
        customers.as_of_date,

        -- attributes
        parameters.purchase_model,
        parameters.purchase_model_version,
        parameters.purchase_model_source,
        parameters.value_model,
        parameters.value_model_version,
        parameters.value_model_source,
        banded.churn_risk_band,
        coalesce(lifecycles.lifecycle_stage, 'prospect') as lifecycle_stage,
        lifecycles.next_lifecycle_stage,

        -- measures
        measured.repeat_days_count,
        measured.first_to_last_purchase_days,
        measured.observed_days,
        {{ divide('measured.mean_repeat_day_amount', 1, 'decimal(38, 4)') }}
            as mean_repeat_day_amount,
        cast(measured.p_alive as double) as p_alive,
        measured.p_alive * expected.alive_purchases_30d_count as expected_purchases_30d_count,
        measured.p_alive * expected.alive_purchases_90d_count as expected_purchases_90d_count,
        measured.p_alive * expected.alive_purchases_365d_count as expected_purchases_365d_count,
        {{ divide('measured.expected_purchase_amount', 1, 'decimal(38, 4)') }}
            as expected_purchase_amount,
        {{ divide(
            'measured.p_alive * expected.alive_discounted_purchases_count'
            ~ ' * measured.expected_purchase_amount',
            1, 'decimal(38, 4)'
        ) }} as lifetime_value_amount,
        rhythms.since_last_purchase_days,
        rhythms.median_gap_days,
        rhythms.gap_spread_days,
        rhythms.expected_gap_days,
        rhythms.overdue_factor,
        cast(measured.no_purchase_30d_probability as double) as no_purchase_30d_probability,
        cast(measured.no_purchase_90d_probability as double) as no_purchase_90d_probability,
        cast(measured.no_purchase_365d_probability as double) as no_purchase_365d_probability,
        cast(measured.churn_probability as double) as churn_probability,

        -- flags
        case when customers.paid_orders_count > 0 then customers.paid_orders_count = 1 end
            as is_one_timer,
        rhythms.is_overdue,

        -- dates and timestamps
        rhythms.next_purchase_date,
        lifecycles.lifecycle_stage_since_date,
        lifecycles.next_lifecycle_stage_date,
        parameters.purchase_model_as_of_date,
        parameters.value_model_as_of_date
    from customers
    cross join parameters
    left join measured
        on customers.customer_id = measured.customer_id
    left join expected
        on
            measured.repeat_days_count = expected.repeat_days_count
            and measured.observed_days = expected.observed_days
    left join banded
        on customers.customer_id = banded.customer_id
    left join rhythms
        on customers.customer_id = rhythms.customer_id
    left join lifecycles
        on customers.customer_id = lifecycles.customer_id
)

select * from final
