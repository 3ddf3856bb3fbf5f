{% set models = {
    'purchase': [
        'r', 'alpha_days', 'a', 'b', 'churn_intercept', 'churn_slope', 'churn_ceiling'
    ],
    'value': ['p', 'q', 'gamma_amount'],
} %}
with

in_force as (select * from {{ ref('int_clv_parameters') }}),

fits as (select * from {{ ref('stg_state__clv_fits') }}),

-- The models in force, and what they were compared with in the same attempt.
of_attempts as (
    {% for family in models %}
        select
            fits.*,
            '{{ family }}' as family,
            in_force.{{ family }}_model_source as source,
            fits.model = in_force.{{ family }}_model as is_in_force
        from fits
        inner join in_force
            on fits.event_id = in_force.{{ family }}_event_id
        where
            fits.event in ('fitted', 'compared')
            and (fits.model in ('gamma_gamma', 'credibility')) = {{ family == 'value' }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

listed as (
    {% for family, parameters in models.items() %}
        {% set is_last_family = loop.last %}
        {% for parameter in parameters %}
            select
                *,
                '{{ parameter }}' as parameter,
                {{ parameter }} as value
            from of_attempts
            where family = '{{ family }}'
            {{ 'union all' if not (loop.last and is_last_family) }}
        {% endfor %}
    {% endfor %}
),

final as (
    select
        -- keys
        model,
        parameter,

        -- attributes
        model_version,
        source,

        -- measures
        cast(value as double) as value,
        customers_count,
        distinct_histories_count,
        rounds_count,
        log_likelihood,
        holdout_customers_count,
        holdout_score,

        -- flags
        is_in_force,
        is_converged,

        -- dates and timestamps
        as_of_date as fitted_as_of_date
    from listed
)

select * from final
