{% set power_z = (var('lift_bound_z') | float) + (var('lift_power_z') | float) %}
{% set tests = ['response', 'realised'] %}
with

arms as (select * from {{ ref('int_campaign_arm_totals') }}),

-- One row per campaign, scheme and segment: all hold-outs have one name in staging.
holdouts as (
    select *
    from arms
    where is_holdout
),

compared as (
    select
        arms.campaign_id,
        arms.scheme,
        arms.segment,
        arms.arm,
        arms.customers_count,
        arms.responders_count,
        holdouts.customers_count as holdout_customers_count,
        holdouts.responders_count as holdout_responders_count,
        arms.orders_without_amount_count + holdouts.orders_without_amount_count
            as orders_without_amount_count,
        {{ divide('arms.responders_count', 'arms.customers_count') }} as response_share,
        {{ divide('holdouts.responders_count', 'holdouts.customers_count') }}
            as holdout_response_share,
        {{ divide(
            'arms.responders_count + holdouts.responders_count',
            'arms.customers_count + holdouts.customers_count'
        ) }} as pooled_share,
        {{ divide('arms.realised_amount', 'arms.customers_count') }} as mean_amount,
        {{ divide('holdouts.realised_amount', 'holdouts.customers_count') }}
            as holdout_mean_amount,
        {{ divide('arms.realised_variance', 'arms.customers_count') }} as mean_variance,
        {{ divide('holdouts.realised_variance', 'holdouts.customers_count') }}
            as holdout_mean_variance,
        {{ divide(
            '(arms.customers_count - 1) * arms.realised_variance'
            ~ ' + (holdouts.customers_count - 1) * holdouts.realised_variance',
            'arms.customers_count + holdouts.customers_count - 2'
        ) }} as pooled_variance,
        {{ divide('1', 'arms.customers_count') }} + {{ divide('1', 'holdouts.customers_count') }}
            as spread,
        -- The normal test of two shares needs as many expected in each of its four cells.
        least(
            arms.responders_count + holdouts.responders_count,
            arms.customers_count + holdouts.customers_count
            - arms.responders_count - holdouts.responders_count
        ) * least(arms.customers_count, holdouts.customers_count)
        >= {{ var('lift_minimum_expected') }}
        * (arms.customers_count + holdouts.customers_count) as is_response_judged,
        -- Of few buyers the spread of what they spend is not known, and of none it is zero. An
        -- order without an amount counts as zero, which is not what was spent.
        least(arms.responders_count, holdouts.responders_count)
        >= {{ var('lift_minimum_buyers') }}
        and arms.orders_without_amount_count + holdouts.orders_without_amount_count = 0
            as is_realised_judged
    from arms
    inner join holdouts
        on
            arms.campaign_id = holdouts.campaign_id
            and arms.scheme = holdouts.scheme
            and arms.segment = holdouts.segment
    where not arms.is_holdout
),

differences as (
    select
        *,
        response_share - holdout_response_share as response_lift,
        case when orders_without_amount_count = 0 then mean_amount - holdout_mean_amount end
            as realised_lift,
        sqrt(pooled_share * (1 - pooled_share) * spread) as response_error,
        case when is_realised_judged then sqrt(mean_variance + holdout_mean_variance) end
            as welch_error,
        case when is_realised_judged then sqrt(pooled_variance * spread) end as student_error,
        -- Welch and Satterthwaite
        {{ divide(
            'power(mean_variance + holdout_mean_variance, 2)',
            divide('power(mean_variance, 2)', 'customers_count - 1') ~ ' + '
            ~ divide('power(holdout_mean_variance, 2)', 'holdout_customers_count - 1')
        ) }} as welch_degrees
    from compared
),

-- A small hold-out with few large orders has a low mean and, with it, a low spread: Welch's error
-- would then be too small. Student's takes the spread of both groups together. The larger counts.
errors as (
    select
        *,
        greatest(welch_error, student_error) as realised_error,
        case
            when student_error > welch_error then customers_count + holdout_customers_count - 2
            else welch_degrees
        end as degrees
    from differences
),

deviations as (
    select
        *,
        case when is_response_judged then {{ divide('response_lift', 'response_error') }} end
            as response_deviation,
        {{ divide('realised_lift', 'realised_error') }} as realised_t
    from errors
),

as_normal as (
    select
        *,
        abs(response_deviation) as response_z,
        {{ t_as_normal('realised_t', 'degrees') }} as realised_z,
        {{ t_quantile('degrees') }} as realised_quantile
    from deviations
),

probabilities as (
    select
        *,
        2 * ({{ normal_tail('response_z') }}) as response_p_value,
        -- below 4 degrees of freedom nothing can be said of a mean
        case when realised_quantile is not null then 2 * ({{ normal_tail('realised_z') }}) end
            as realised_p_value
    from as_normal
),

ranked as (
    select
        *,
        {% for test in tests %}
            row_number() over (
                partition by campaign_id, scheme
                order by
                    {{ test }}_p_value asc nulls last, segment asc nulls last, arm asc nulls last
            ) as {{ test }}_rank,
            count({{ test }}_p_value) over (partition by campaign_id, scheme)
                as {{ test }}_tests_count{% if not loop.last %},{% endif %}
        {% endfor %}
    from probabilities
),

-- Holm (1979): the smallest of m is multiplied by m, the next by m - 1, and none is less than the
-- one before it. All groups and segments of one campaign that are judged are one family.
final as (
    select
        -- keys
        campaign_id,
        scheme,
        segment,
        arm,

        -- measures
        holdout_customers_count,
        holdout_responders_count,
        orders_without_amount_count,
        100 * response_lift as response_lift_points,
        100 * (
            {{ newcombe_bound(
                'responders_count', 'customers_count', 'holdout_responders_count',
                'holdout_customers_count', 'lower'
            ) }}
        ) as lower_response_lift_points,
        100 * (
            {{ newcombe_bound(
                'responders_count', 'customers_count', 'holdout_responders_count',
                'holdout_customers_count', 'upper'
            ) }}
        ) as upper_response_lift_points,
        100 * {{ power_z }} * response_error as smallest_response_lift_points,
        realised_lift as realised_lift_amount,
        realised_lift - realised_quantile * realised_error as lower_realised_lift_amount,
        realised_lift + realised_quantile * realised_error as upper_realised_lift_amount,
        {{ power_z }} * realised_error as smallest_realised_lift_amount,
        holdout_response_share,
        holdout_mean_amount,
        {% for test in tests %}
            {{ test }}_p_value,
            case
                when {{ test }}_p_value is not null
                    then
                        max(
                            least(
                                1,
                                {{ test }}_p_value * ({{ test }}_tests_count + 1 - {{ test }}_rank)
                            )
                        ) over (
                            partition by campaign_id, scheme
                            order by {{ test }}_rank asc nulls last
                            rows between unbounded preceding and current row
                        )
            end as {{ test }}_holm_p_value{% if not loop.last %},{% endif %}
        {% endfor %}
    from ranked
)

select * from final
