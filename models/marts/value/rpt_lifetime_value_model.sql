with

parameters as (select * from {{ ref('int_clv_parameters_listed') }}),

final as (
    select
        -- keys
        model,
        parameter,

        -- attributes
        model_version,
        source,

        -- measures
        value,
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
        fitted_as_of_date
    from parameters
)

select * from final
