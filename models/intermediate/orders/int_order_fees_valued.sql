with

as_of as (select * from {{ ref('int_as_of') }}),

orders as (select * from {{ ref('int_orders_priced') }}),

fx_rates as (select * from {{ ref('int_fx_rates_daily') }}),

fees as (select * from {{ ref('int_order_fees_unioned') }}),

-- A charge without a time is known as soon as its order is.
seen as (
    select
        orders.order_key,
        orders.order_id,
        fees.source_system,
        fees.system,
        fees.native_fee_id,
        fees.fee_type,
        coalesce(fees.currency, orders.currency) as currency,
        fees.amount_local,
        fees.charged_at,
        coalesce({{ business_date('fees.charged_at') }}, orders.ordered_date) as charged_date,
        orders.ordered_date
    from fees
    inner join orders
        on
            fees.system = orders.system
            and fees.native_order_id = orders.native_order_id
    inner join as_of
        on
            fees.charged_at is null
            or {{ business_date('fees.charged_at') }} <= as_of.as_of_date
),

-- The rate is that of the order's day, as for all its other amounts, so that a margin is calculated
-- with one rate.
rated as (
    select
        seen.order_key,
        seen.order_id,
        seen.source_system,
        seen.system,
        seen.native_fee_id,
        seen.fee_type,
        seen.currency,
        seen.amount_local,
        seen.charged_at,
        seen.charged_date,
        {{ rate_or_one('seen.currency', 'fx_rates.rate') }} as fx_rate
    from seen
    left join fx_rates
        on
            seen.currency = fx_rates.currency
            and seen.ordered_date = fx_rates.valid_date
),

-- Goods, discounts and refunds are in the amounts of the order already: they are told twice.
final as (
    select
        -- keys
        source_system || ':' || native_fee_id as cost_id,
        order_key,
        order_id,
        source_system,
        system,

        -- attributes
        fee_type,
        currency,

        -- measures
        {{ in_reporting_currency('amount_local', 'fx_rate') }} as amount,
        cast(amount_local as decimal(38, 4)) as amount_local,
        fx_rate,

        -- flags
        fee_type not in ('goods', 'discount', 'refund') as is_fee,

        -- dates and timestamps
        charged_at,
        charged_date
    from rated
)

select * from final
