{% set models = {
    'bg_nbd': ['r', 'alpha_days', 'a', 'b'],
    'gamma_gamma': ['p', 'q', 'gamma_amount'],
} %}
with

in_force as (select * from {{ ref('int_clv_parameters') }}),

fits as (select * from {{ ref('stg_state__clv_fits') }}),

listed as (
    {% for model, parameters in models.items() %}
        {% set is_last_model = loop.last %}
        {% for parameter in parameters %}
            select
                '{{ model }}' as model,
                '{{ parameter }}' as parameter,
                {{ model }}_version as model_version,
                {{ model }}_source as source,
                {{ parameter }} as value
            from in_force
            {{ 'union all' if not (loop.last and is_last_model) }}
        {% endfor %}
    {% endfor %}
),

final as (
    select
        -- keys
        listed.model,
        listed.parameter,

        -- attributes
        listed.model_version,
        listed.source,

        -- measures
        cast(listed.value as double) as value,
        fits.customers_count,
        fits.distinct_histories_count,
        fits.rounds_count,
        fits.log_likelihood,

        -- flags
        fits.is_converged,

        -- dates and timestamps
        fits.as_of_date as fitted_as_of_date,
        fits.event_at as fitted_at
    from listed
    -- one row per model and version
    left join fits
        on
            listed.model = fits.model
            and listed.model_version = fits.model_version
)

select * from final
