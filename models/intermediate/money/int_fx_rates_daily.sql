with

fx_rates as (select * from {{ ref('stg_ops__fx_rates') }}),

rates as (
    select
        from_currency as currency,
        rate_date,
        rate,
        lead(rate_date) over (
            partition by from_currency
            order by rate_date asc nulls last
        ) as next_rate_date
    from fx_rates
    where
        to_currency = '{{ setting("currency") }}'
        and from_currency <> '{{ setting("currency") }}'
),

-- A rate is valid until the next one, and at most for fx_rate_max_age_days.
spans as (
    select
        currency,
        rate_date,
        rate,
        least(
            coalesce(
                {{ add_days('next_rate_date', -1) }},
                {{ add_days('rate_date', var('fx_rate_max_age_days')) }}
            ),
            {{ add_days('rate_date', var('fx_rate_max_age_days')) }}
        ) as last_valid_date
    from rates
),

final as (
    select
        currency,
        {{ days_in_range('rate_date', 'last_valid_date', 'valid_date') }},
        rate_date,
        rate
    from spans
)

select * from final
