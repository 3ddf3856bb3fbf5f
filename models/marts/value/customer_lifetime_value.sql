with

customers as (select * from {{ ref('int_customer_purchases') }}),

summaries as (select * from {{ ref('int_customer_purchase_summary') }}),

expected as (select * from {{ ref('int_clv_purchases_expected') }}),

parameters as (select * from {{ ref('int_clv_parameters') }}),

-- Closed forms: whether somebody is still a customer, and what a purchase of theirs is worth.
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
            -- nothing is known of their values: the mean of all
            else {{ divide('parameters.p * parameters.gamma_amount', 'parameters.q - 1') }}
        end as expected_purchase_amount
    from summaries
    cross join parameters
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

        -- measures
        judged.repeat_days_count,
        judged.first_to_last_purchase_days,
        judged.observed_days,
        {{ divide('judged.mean_repeat_day_amount', 1, 'decimal(18, 4)') }}
            as mean_repeat_day_amount,
        cast(judged.p_alive as double) as p_alive,
        judged.p_alive * expected.alive_purchases_30d_count as expected_purchases_30d_count,
        judged.p_alive * expected.alive_purchases_90d_count as expected_purchases_90d_count,
        judged.p_alive * expected.alive_purchases_365d_count as expected_purchases_365d_count,
        {{ divide('judged.expected_purchase_amount', 1, 'decimal(18, 4)') }}
            as expected_purchase_amount,
        {{ divide(
            'judged.p_alive * expected.alive_discounted_purchases_count'
            ~ ' * judged.expected_purchase_amount',
            1, 'decimal(18, 4)'
        ) }} as lifetime_value_amount,

        -- flags
        judged.repeat_days_count = 0 as is_one_timer,

        -- dates and timestamps
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
)

select * from final
