with

orders as (select * from {{ ref('int_orders_priced') }}),

refunds as (select * from {{ ref('int_refunds_parted') }}),

allocations as (select * from {{ ref('int_return_allocations_unioned') }}),

status_refunds as (select * from {{ ref('int_status_refunds_listed') }}),

fx_rates as (select * from {{ ref('int_fx_rates_daily') }}),

goods as (
    select
        'goods' as refund_source,
        allocations.sale_order_key as order_key,
        allocations.return_order_key,
        allocations.record_key,
        allocations.match_rule,
        allocations.currency,
        allocations.returned_date as refund_date,
        cast(null as date) as refund_load_date,
        allocations.amount_local,
        allocations.amount_sale_currency as amount_order_currency
    from allocations
),

cash as (
    select
        'cash' as refund_source,
        order_key,
        cast(null as bigint) as return_order_key,
        record_key,
        match_rule,
        currency,
        paid_date as refund_date,
        first_load_date as refund_load_date,
        goods_amount_local as amount_local,
        goods_amount_order_currency as amount_order_currency
    from refunds
    where
        match_rule <> 'cash_side'
        -- a refund of shipping or tax takes back no goods
        and (goods_amount_local <> 0 or amount_local = 0)
),

-- The status alone says that the money went back: no row of goods or money does.
said_by_status as (
    select
        'cash' as refund_source,
        order_key,
        cast(null as bigint) as return_order_key,
        record_key,
        'status' as match_rule,
        currency,
        refund_date,
        refund_load_date,
        amount_local,
        amount_local as amount_order_currency
    from status_refunds
),

events as (
    select
        refund_source,
        order_key,
        return_order_key,
        record_key,
        match_rule,
        currency,
        refund_date,
        refund_load_date,
        amount_local,
        amount_order_currency
    from goods

    union all

    select
        refund_source,
        order_key,
        return_order_key,
        record_key,
        match_rule,
        currency,
        refund_date,
        refund_load_date,
        amount_local,
        amount_order_currency
    from cash

    union all

    select
        refund_source,
        order_key,
        return_order_key,
        record_key,
        match_rule,
        currency,
        refund_date,
        refund_load_date,
        amount_local,
        amount_order_currency
    from said_by_status
),

rated_events as (
    select
        events.refund_source,
        events.order_key,
        events.return_order_key,
        events.record_key,
        events.match_rule,
        events.currency,
        events.refund_date,
        events.refund_load_date,
        events.amount_local,
        events.amount_order_currency,
        {{ rate_or_one('events.currency', 'fx_rates.rate') }} as fx_rate
    from events
    left join fx_rates
        on
            events.currency = fx_rates.currency
            and events.refund_date = fx_rates.valid_date
),

-- Two rates: that of the day on which the money goes back, and that of the order's day. A refund
-- that counts against an order belongs to the customer of that order, whoever the return document
-- names.
valued as (
    select
        rated_events.refund_source,
        rated_events.order_key,
        rated_events.return_order_key,
        case when orders.order_key is null then rated_events.record_key else orders.record_key end
            as record_key,
        rated_events.match_rule,
        rated_events.refund_date,
        rated_events.refund_load_date,
        coalesce(orders.currency, rated_events.currency) as currency,
        case
            when orders.order_key is null then rated_events.amount_local
            else rated_events.amount_order_currency
        end as amount_local,
        rated_events.fx_rate as refund_fx_rate,
        case when orders.order_key is null then rated_events.fx_rate else orders.fx_rate end
            as order_fx_rate,
        rated_events.amount_local as event_amount_local
    from rated_events
    left join orders
        on rated_events.order_key = orders.order_key
),

-- A shop may book one return twice, as goods and as money: only the greater of the two sums counts.
order_totals as (
    select
        order_key,
        sum(case when refund_source = 'goods' then amount_local else 0 end) as goods_amount_local,
        sum(case when refund_source = 'cash' then amount_local else 0 end) as cash_amount_local
    from valued
    where order_key is not null
    group by order_key
),

final as (
    select
        -- keys
        valued.order_key,
        valued.return_order_key,
        valued.record_key,

        -- attributes
        valued.refund_source,
        valued.match_rule,
        valued.currency,

        -- measures
        cast(valued.amount_local as decimal(38, 4)) as amount_local,
        -- an order without a rate has no amounts in the reporting currency, so its refunds have
        -- none either; a refund without a rate is converted at that of its order
        case
            when valued.order_fx_rate is null then null
            when valued.refund_fx_rate is null
                then {{ in_reporting_currency('valued.amount_local', 'valued.order_fx_rate') }}
            else {{ in_reporting_currency('valued.event_amount_local', 'valued.refund_fx_rate') }}
        end as amount,
        {{ in_reporting_currency('valued.amount_local', 'valued.order_fx_rate') }}
            as amount_at_order_rate,

        -- flags
        case
            when valued.order_key is null then true
            when order_totals.goods_amount_local >= order_totals.cash_amount_local
                then valued.refund_source = 'goods'
            else valued.refund_source = 'cash'
        end as is_counted,

        -- dates and timestamps
        valued.refund_date,
        valued.refund_load_date
    from valued
    left join order_totals
        on valued.order_key = order_totals.order_key
)

select * from final
