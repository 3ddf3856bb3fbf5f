with

fx_rates as (select * from {{ ref('base_ops__fx_rates') }}),

final as (
    select
        -- keys
        rate_date,
        from_currency,
        to_currency,

        -- measures
        rate
    from fx_rates
    where row_status = 'accepted'
)

select * from final
