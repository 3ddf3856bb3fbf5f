with

marketing_costs as (select * from {{ ref('stg_ops__marketing_costs') }}),

fx_rates as (select * from {{ ref('int_fx_rates_daily') }}),

as_of as (select * from {{ ref('int_as_of') }}),

rated as (
    select
        marketing_costs.*,
        {{ rate_or_one(
            "coalesce(marketing_costs.currency, '" ~ setting('currency') ~ "')", 'fx_rates.rate'
        ) }} as fx_rate
    from marketing_costs
    inner join as_of
        on marketing_costs.cost_date <= as_of.as_of_date
    left join fx_rates
        on
            marketing_costs.currency = fx_rates.currency
            and marketing_costs.cost_date = fx_rates.valid_date
),

final as (
    select
        -- keys
        cost_date,
        channel_word,
        cost_source,
        campaign_id,

        -- attributes
        information_channel,

        -- measures
        {{ in_reporting_currency('amount_local', 'fx_rate') }} as amount,
        impressions_count,
        clicks_count
    from rated
)

select * from final
