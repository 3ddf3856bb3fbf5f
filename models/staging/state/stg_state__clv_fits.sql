with

events as (select * from {{ source('state', 'clv_fits') }}),

final as (
    select
        -- keys
        event_id,
        model,
        model_version,

        -- attributes
        event,
        currency,
        problem,

        -- measures
        customer_count as customers_count,
        distinct_count as distinct_histories_count,
        round_count as rounds_count,
        log_likelihood,
        r,
        alpha_days,
        a,
        b,
        p,
        q,
        gamma_amount,
        holdout_customer_count as holdout_customers_count,
        holdout_score,
        churn_intercept,
        churn_slope,
        churn_ceiling,

        -- flags
        is_converged,

        -- dates and timestamps
        as_of_date,
        event_at
    from events
)

select * from final
