with

orders as (select * from {{ ref('fct_orders') }}),

-- All orders of one currency and day have the same rate, so all of them are converted or none is.
totals as (
    select
        system,
        currency,
        ordered_date,
        count(*) as documents_count,
        count(*) filter (where order_type <> 'return') as orders_count,
        count(*) filter (where order_type = 'return') as return_documents_count,
        count(*) filter (where is_paid) as paid_orders_count,
        count(*) filter (where is_cancelled and order_type <> 'return') as cancelled_orders_count,
        count(*) filter (where customer_kind = 'guest' and order_type <> 'return')
            as guest_orders_count,
        count(distinct case when order_type <> 'return' then customer_id end) as customers_count,
        sum(items_count) as items_count,
        {% for amount in order_amounts() %}
            sum({{ amount }}_amount) as {{ amount }}_amount,
            sum({{ amount }}_amount_local) as {{ amount }}_amount_local,
        {% endfor %}
        sum(case when customer_kind = 'guest' then net_amount_local else 0 end)
            as guest_net_amount_local,
        sum(fee_amount) as fee_amount,
        count(margin_amount) as documents_with_margin_count,
        sum(margin_amount) as margin_amount,
        max(fx_rate) as fx_rate
    from orders
    group by system, currency, ordered_date
),

final as (
    select
        -- keys
        system,
        currency,
        ordered_date,

        -- measures: counts
        documents_count,
        orders_count,
        return_documents_count,
        paid_orders_count,
        cancelled_orders_count,
        guest_orders_count,
        {{ divide('100 * guest_orders_count', 'orders_count') }} as guest_orders_pct,
        customers_count,
        cast(items_count as decimal(38, 4)) as items_count,
        documents_with_margin_count,

        -- measures in the reporting currency, at the rate of the day
        {% for amount in order_amounts() %}
            cast({{ amount }}_amount as decimal(38, 4)) as {{ amount }}_amount,
        {% endfor %}
        cast(fee_amount as decimal(38, 4)) as fee_amount,
        cast(margin_amount as decimal(38, 4)) as margin_amount,

        -- measures in the orders' own currency
        {% for amount in order_amounts() %}
            cast({{ amount }}_amount_local as decimal(38, 4)) as {{ amount }}_amount_local,
        {% endfor %}
        cast(guest_net_amount_local as decimal(38, 4)) as guest_net_amount_local,
        fx_rate
    from totals
)

select * from final
