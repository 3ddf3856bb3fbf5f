with

acquisitions as (select * from {{ ref('int_customer_acquisitions') }}),

marketing_costs as (select * from {{ ref('int_marketing_costs_valued') }}),

purchase_days as (select * from {{ ref('int_customer_purchase_days') }}),

costs as (
    select
        cast(date_trunc('month', cost_date) as date) as month_start_date,
        information_channel as acquisition_channel,
        sum(amount) as cost_amount,
        count(*) filter (where amount is null) as costs_without_rate_count,
        sum(impressions_count) as impressions_count,
        sum(clicks_count) as clicks_count
    from marketing_costs
    group by cast(date_trunc('month', cost_date) as date), information_channel
),

customers as (
    select
        first_order_month as month_start_date,
        acquisition_channel,
        count(*) as new_customers_count,
        sum(first_order_amount) as first_order_amount,
        sum(orders_without_amount_count) as orders_without_amount_count,
        count(*) filter (where has_90_days) as customers_90d_count,
        sum(case when has_90_days then realised_90d_amount end) as realised_90d_amount,
        count(*) filter (where has_365_days) as customers_365d_count,
        sum(case when has_365_days then realised_365d_amount end) as realised_365d_amount
    from acquisitions
    group by first_order_month, acquisition_channel
),

-- What the new customers of a month have brought by each day since their first order.
days_since as (
    select
        acquisitions.first_order_month as month_start_date,
        acquisitions.acquisition_channel,
        {{ days_between('acquisitions.first_order_date', 'purchase_days.purchase_date') }}
            as days_since_first,
        sum(purchase_days.realised_amount) as realised_amount
    from acquisitions
    inner join purchase_days
        on acquisitions.customer_id = purchase_days.customer_id
    group by
        acquisitions.first_order_month,
        acquisitions.acquisition_channel,
        {{ days_between('acquisitions.first_order_date', 'purchase_days.purchase_date') }}
),

running as (
    select
        month_start_date,
        acquisition_channel,
        days_since_first,
        sum(realised_amount) over (
            partition by month_start_date, acquisition_channel
            order by days_since_first asc nulls last
            rows between unbounded preceding and current row
        ) as realised_amount
    from days_since
),

paybacks as (
    select
        running.month_start_date,
        running.acquisition_channel,
        min(running.days_since_first) as payback_days
    from running
    inner join costs
        on
            running.month_start_date = costs.month_start_date
            and running.acquisition_channel = costs.acquisition_channel
    where running.realised_amount >= costs.cost_amount
    group by running.month_start_date, running.acquisition_channel
),

listed as (
    select
        month_start_date,
        acquisition_channel
    from costs

    union

    select
        month_start_date,
        acquisition_channel
    from customers
),

final as (
    select
        -- keys
        listed.month_start_date,
        listed.acquisition_channel,

        -- measures
        cast(costs.cost_amount as decimal(38, 4)) as cost_amount,
        cast(coalesce(costs.costs_without_rate_count, 0) as bigint) as costs_without_rate_count,
        cast(costs.impressions_count as bigint) as impressions_count,
        cast(costs.clicks_count as bigint) as clicks_count,
        cast(coalesce(customers.new_customers_count, 0) as bigint) as new_customers_count,
        cast(coalesce(customers.orders_without_amount_count, 0) as bigint)
            as orders_without_amount_count,
        {{ divide('costs.cost_amount', 'customers.new_customers_count') }}
            as cost_per_new_customer_amount,
        {{ divide('customers.first_order_amount', 'customers.new_customers_count') }}
            as first_order_per_customer_amount,
        cast(coalesce(customers.customers_90d_count, 0) as bigint) as customers_90d_count,
        {{ divide('customers.realised_90d_amount', 'customers.customers_90d_count') }}
            as realised_90d_per_customer_amount,
        cast(coalesce(customers.customers_365d_count, 0) as bigint) as customers_365d_count,
        {{ divide('customers.realised_365d_amount', 'customers.customers_365d_count') }}
            as realised_365d_per_customer_amount,
        cast(paybacks.payback_days as bigint) as payback_days,

        -- flags
        case when costs.cost_amount > 0 then paybacks.payback_days is not null end as is_paid_back
    from listed
    left join costs
        on
            listed.month_start_date = costs.month_start_date
            and listed.acquisition_channel = costs.acquisition_channel
    left join customers
        on
            listed.month_start_date = customers.month_start_date
            and listed.acquisition_channel = customers.acquisition_channel
    left join paybacks
        on
            listed.month_start_date = paybacks.month_start_date
            and listed.acquisition_channel = paybacks.acquisition_channel
)

select * from final
