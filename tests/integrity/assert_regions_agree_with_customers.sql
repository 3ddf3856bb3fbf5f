with

report as (select * from {{ ref('rpt_region_behavior') }}),

customers as (select * from {{ ref('dim_customers') }}),

rfm as (select * from {{ ref('customer_rfm') }}),

behavior as (select * from {{ ref('customer_behavior_30d') }}),

orders as (select * from {{ ref('fct_orders') }}),

sessions as (select * from {{ ref('fct_sessions') }}),

order_counts as (
    select
        customer_id,
        count(*) filter (where order_type <> 'return') as orders_count
    from orders
    group by customer_id
),

session_counts as (
    select
        customer_id,
        count(*) as sessions_count
    from sessions
    group by customer_id
),

compared as (
    select
        country_code,
        region,
        customers_count,
        buyers_count,
        active_customers_30d_count,
        app_customers_count,
        orders_count,
        paid_orders_count,
        realised_amount
    from report

    union all

    select
        coalesce(customers.country_code, 'unknown') as country_code,
        coalesce(customers.region, 'unknown') as region,
        -1 as customers_count,
        case when rfm.frequency > 0 then -1 else 0 end as buyers_count,
        case when behavior.active_days_30d_count > 0 then -1 else 0 end
            as active_customers_30d_count,
        case when session_counts.customer_id is null then 0 else -1 end as app_customers_count,
        -coalesce(order_counts.orders_count, 0) as orders_count,
        -coalesce(rfm.frequency, 0) as paid_orders_count,
        -coalesce(rfm.monetary_amount, 0) as realised_amount
    from customers
    left join rfm
        on customers.customer_id = rfm.customer_id
    left join behavior
        on customers.customer_id = behavior.customer_id
    left join order_counts
        on customers.customer_id = order_counts.customer_id
    left join session_counts
        on customers.customer_id = session_counts.customer_id
),

final as (
    select
        country_code,
        region
    from compared
    group by country_code, region
    having
        sum(customers_count) <> 0
        or sum(buyers_count) <> 0
        or sum(active_customers_30d_count) <> 0
        or sum(app_customers_count) <> 0
        or sum(orders_count) <> 0
        or sum(paid_orders_count) <> 0
        or sum(realised_amount) <> 0
)

select * from final
