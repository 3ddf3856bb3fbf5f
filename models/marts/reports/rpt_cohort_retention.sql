with

orders as (select * from {{ ref('fct_orders') }}),

dates as (select * from {{ ref('dim_dates') }}),

as_of as (select * from {{ ref('int_as_of') }}),

months as (
    select
        month_start_date,
        cast(max(year_number) * 12 + max(month_number) as integer) as month_index
    from dates
    group by month_start_date
),

ranked_orders as (
    select
        customer_id,
        system,
        ordered_date,
        row_number() over (
            partition by customer_id
            order by
                ordered_date asc nulls last, ordered_at asc nulls last, order_id asc nulls last
        ) as order_rank
    from orders
    where
        customer_id is not null
        and is_paid
),

customer_cohorts as (
    select
        customer_id,
        system as first_system,
        cast(date_trunc('month', ordered_date) as date) as cohort_month
    from ranked_orders
    where order_rank = 1
),

-- A refund before the first paid order, for a purchase older than the data, counts in month 0.
customer_months as (
    select
        customer_cohorts.cohort_month,
        customer_cohorts.first_system,
        orders.customer_id,
        greatest(
            cast(date_trunc('month', orders.ordered_date) as date), customer_cohorts.cohort_month
        ) as activity_month,
        count(*) filter (where orders.is_paid) as paid_orders_count,
        sum(orders.realised_amount) as realised_amount
    from orders
    inner join customer_cohorts
        on orders.customer_id = customer_cohorts.customer_id
    group by
        customer_cohorts.cohort_month,
        customer_cohorts.first_system,
        orders.customer_id,
        activity_month
),

cohort_totals as (
    select
        cohort_month,
        first_system,
        activity_month,
        count(*) filter (where paid_orders_count > 0) as retained_customers_count,
        sum(paid_orders_count) as paid_orders_count,
        sum(realised_amount) as realised_amount
    from customer_months
    group by cohort_month, first_system, activity_month
),

cohorts as (
    select
        customer_cohorts.cohort_month,
        customer_cohorts.first_system,
        max(months.month_index) as month_index,
        count(*) as cohort_customers_count
    from customer_cohorts
    inner join months
        on customer_cohorts.cohort_month = months.month_start_date
    group by customer_cohorts.cohort_month, customer_cohorts.first_system
),

-- Fans out on purpose: each cohort has a row for each month since its own, even without an order.
cohort_months as (
    select
        cohorts.cohort_month,
        cohorts.first_system,
        cohorts.cohort_customers_count,
        months.month_index - cohorts.month_index as month_number,
        months.month_start_date as activity_month
    from cohorts
    inner join months
        on cohorts.month_index <= months.month_index
),

measured as (
    select
        cohort_months.cohort_month,
        cohort_months.first_system,
        cohort_months.month_number,
        cohort_months.cohort_customers_count,
        coalesce(cohort_totals.retained_customers_count, 0) as retained_customers_count,
        coalesce(cohort_totals.paid_orders_count, 0) as paid_orders_count,
        coalesce(cohort_totals.realised_amount, 0) as realised_amount,
        sum(coalesce(cohort_totals.realised_amount, 0)) over (
            partition by cohort_months.cohort_month, cohort_months.first_system
            order by cohort_months.month_number asc nulls last
            rows between unbounded preceding and current row
        ) as cumulative_realised_amount,
        cohort_months.activity_month
    from cohort_months
    left join cohort_totals
        on
            cohort_months.cohort_month = cohort_totals.cohort_month
            and cohort_months.first_system = cohort_totals.first_system
            and cohort_months.activity_month = cohort_totals.activity_month
),

final as (
    select
        -- keys
        measured.cohort_month,
        measured.first_system,
        cast(measured.month_number as integer) as month_number,

        -- measures
        measured.cohort_customers_count,
        measured.retained_customers_count,
        cast(measured.paid_orders_count as bigint) as paid_orders_count,
        cast(measured.realised_amount as decimal(38, 4)) as realised_amount,
        cast(measured.cumulative_realised_amount as decimal(38, 4)) as cumulative_realised_amount,
        {{ divide(
            'measured.cumulative_realised_amount', 'measured.cohort_customers_count',
            'decimal(38, 4)'
        ) }} as cumulative_realised_per_customer_amount,
        {{ divide(
            '100 * measured.retained_customers_count', 'measured.cohort_customers_count'
        ) }} as retention_pct,

        -- flags
        last_day(measured.activity_month) <= as_of.as_of_date as is_complete,

        -- dates and timestamps
        measured.activity_month
    from measured
    cross join as_of
)

select * from final
