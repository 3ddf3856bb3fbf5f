with

report as (select * from {{ ref('rpt_cohort_retention') }}),

orders as (select * from {{ ref('fct_orders') }}),

rfm as (select * from {{ ref('customer_rfm') }}),

first_dates as (
    select
        customer_id,
        min(ordered_date) as first_date
    from orders
    where
        customer_id is not null
        and is_paid
    group by customer_id
),

compared as (
    select
        'cohort' as topic,
        cohort_month as month_start_date,
        cohort_customers_count as customers_count,
        0 as paid_orders_count,
        0 as realised_amount
    from report
    where month_number = 0

    union all

    select
        'cohort' as topic,
        cast(date_trunc('month', first_date) as date) as month_start_date,
        -1 as customers_count,
        0 as paid_orders_count,
        0 as realised_amount
    from first_dates

    union all

    select
        'month' as topic,
        activity_month as month_start_date,
        retained_customers_count as customers_count,
        paid_orders_count,
        0 as realised_amount
    from report

    union all

    select
        'month' as topic,
        cast(date_trunc('month', ordered_date) as date) as month_start_date,
        -count(distinct customer_id) as customers_count,
        -count(*) as paid_orders_count,
        0 as realised_amount
    from orders
    where
        customer_id is not null
        and is_paid
    group by cast(date_trunc('month', ordered_date) as date)

    union all

    select
        'all' as topic,
        cast(null as date) as month_start_date,
        0 as customers_count,
        0 as paid_orders_count,
        realised_amount
    from report

    union all

    select
        'all' as topic,
        cast(null as date) as month_start_date,
        0 as customers_count,
        0 as paid_orders_count,
        -coalesce(orders.realised_amount, 0) as realised_amount
    from orders
    inner join rfm
        on orders.customer_id = rfm.customer_id
    where rfm.frequency > 0
),

final as (
    select
        topic,
        month_start_date,
        sum(customers_count) as customers_difference,
        sum(paid_orders_count) as paid_orders_difference,
        sum(realised_amount) as realised_difference
    from compared
    group by topic, month_start_date
    having
        sum(customers_count) <> 0
        or sum(paid_orders_count) <> 0
        or sum(realised_amount) <> 0
)

select * from final
