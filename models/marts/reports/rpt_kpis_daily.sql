{% set counts = [
    'orders', 'paid_orders', 'valued_paid_orders', 'guest_orders', 'customers', 'new_customers'
] %}
{% set amounts = ['gross', 'discount', 'net', 'paid_net', 'realised'] %}
{% set session_counts = [
    'sessions', 'anonymous_sessions', 'sessions_with_order', 'visiting_customers', 'visitors'
] %}
with

dates as (select * from {{ ref('dim_dates') }}),

orders as (select * from {{ ref('fct_orders') }}),

activities as (select * from {{ ref('fct_customer_daily_activity') }}),

sessions as (select * from {{ ref('fct_sessions') }}),

customers as (select * from {{ ref('dim_customers') }}),

active_changes as (select * from {{ ref('int_active_customers_changed') }}),

purchases as (select * from {{ ref('int_customer_purchases') }}),

record_days as (select * from {{ ref('int_record_money_daily') }}),

refund_events as (select * from {{ ref('int_refund_events_unioned') }}),

-- Each customer has one row in purchases, so this join does not multiply orders.
order_days as (
    select
        orders.ordered_date as date_day,
        count(*) filter (where orders.order_type <> 'return') as orders_count,
        count(*) filter (where orders.is_paid) as paid_orders_count,
        count(*) filter (where orders.is_paid and orders.has_fx_rate) as valued_paid_orders_count,
        count(*) filter (where orders.customer_kind = 'guest' and orders.order_type <> 'return')
            as guest_orders_count,
        count(distinct case when orders.is_paid then orders.customer_id end) as customers_count,
        count(
            distinct case
                when orders.is_paid and orders.ordered_date = purchases.first_paid_order_date
                    then orders.customer_id
            end
        ) as new_customers_count,
        sum(orders.gross_amount) as gross_amount,
        sum(orders.discount_amount) as discount_amount,
        sum(orders.net_amount) as net_amount,
        sum(case when orders.is_paid then orders.net_amount else 0 end) as paid_net_amount,
        sum(orders.realised_amount) as realised_amount
    from orders
    left join purchases
        on orders.customer_id = purchases.customer_id
    group by orders.ordered_date
),

refund_days as (
    select
        refund_date as date_day,
        sum(amount) as refunded_amount
    from refund_events
    where is_counted
    group by refund_date
),

-- Guests have no row in the customers' activity.
day_amounts as (
    select
        activity_date as date_day,
        realised_amount as amount,
        false as is_guest
    from activities

    union all

    select
        activity_date as date_day,
        realised_amount as amount,
        true as is_guest
    from record_days
    where record_key is null
),

amount_days as (
    select
        date_day,
        sum(amount) as realised_by_day_amount,
        sum(case when is_guest then amount else 0 end) as guest_realised_by_day_amount
    from day_amounts
    group by date_day
),

session_days as (
    select
        session_date as date_day,
        count(*) as sessions_count,
        count(*) filter (where is_anonymous) as anonymous_sessions_count,
        count(*) filter (where has_order) as sessions_with_order_count,
        count(distinct customer_id) as visiting_customers_count,
        count(distinct coalesce(customer_id, 'd' || native_device_id, session_id))
            as visitors_count
    from sessions
    group by session_date
),

registration_days as (
    select
        {{ business_date('registered_at') }} as date_day,
        count(*) as registrations_count
    from customers
    group by date_day
),

rolling_days as (
    select
        dates.date_day,
        sum(coalesce(active_changes.active_customers_30d_change, 0)) over (
            order by dates.date_day asc nulls last
            rows between unbounded preceding and current row
        ) as active_customers_30d_count
    from dates
    left join active_changes
        on dates.date_day = active_changes.date_day
),

final as (
    select
        -- keys
        dates.date_day,

        -- measures: counts
        {% for count in counts %}
            coalesce(order_days.{{ count }}_count, 0) as {{ count }}_count,
        {% endfor %}
        coalesce(order_days.customers_count - order_days.new_customers_count, 0)
            as returning_customers_count,
        {% for count in session_counts %}
            coalesce(session_days.{{ count }}_count, 0) as {{ count }}_count,
        {% endfor %}
        {{ divide('100 * session_days.sessions_with_order_count', 'session_days.sessions_count') }}
            as conversion_pct,
        coalesce(registration_days.registrations_count, 0) as registrations_count,
        cast(rolling_days.active_customers_30d_count as bigint) as active_customers_30d_count,

        -- measures in the reporting currency
        {% for amount in amounts %}
            cast(coalesce(order_days.{{ amount }}_amount, 0) as decimal(38, 4))
                as {{ amount }}_amount,
        {% endfor %}
        {{ divide(
            'order_days.paid_net_amount', 'order_days.valued_paid_orders_count', 'decimal(38, 4)'
        ) }} as average_order_value_amount,
        cast(coalesce(refund_days.refunded_amount, 0) as decimal(38, 4)) as refunded_by_day_amount,
        cast(coalesce(amount_days.realised_by_day_amount, 0) as decimal(38, 4))
            as realised_by_day_amount,
        cast(coalesce(amount_days.guest_realised_by_day_amount, 0) as decimal(38, 4))
            as guest_realised_by_day_amount
    from dates
    left join order_days
        on dates.date_day = order_days.date_day
    left join refund_days
        on dates.date_day = refund_days.date_day
    left join amount_days
        on dates.date_day = amount_days.date_day
    left join session_days
        on dates.date_day = session_days.date_day
    left join registration_days
        on dates.date_day = registration_days.date_day
    inner join rolling_days
        on dates.date_day = rolling_days.date_day
)

select * from final
