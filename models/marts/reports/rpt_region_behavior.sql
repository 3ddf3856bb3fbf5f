{# Index -> numerator and denominator of the rate that is compared with that of all customers. #}
{% set compared_rates = {
    'realised_per_customer': ['realised_amount', 'customers_count'],
    'average_order_value': ['paid_net_amount', 'valued_paid_orders_count'],
    'orders_per_buyer': ['paid_orders_count', 'buyers_count'],
    'active_share': ['active_customers_30d_count', 'customers_count'],
    'return_rate': ['returned_orders_count', 'orders_count'],
    'app_share': ['app_customers_count', 'customers_count'],
} %}
{% set compared_measures = compared_rates.values() | sum(start=[]) | unique | list %}
with

customers as (select * from {{ ref('dim_customers') }}),

rfm as (select * from {{ ref('customer_rfm') }}),

behavior as (select * from {{ ref('customer_behavior_30d') }}),

activities as (select * from {{ ref('fct_customer_daily_activity') }}),

orders as (select * from {{ ref('fct_orders') }}),

located as (
    select
        customer_id,
        coalesce(country_code, 'unknown') as country_code,
        coalesce(region, 'unknown') as region
    from customers
),

activity_totals as (
    select
        customer_id,
        sum(orders_count) as orders_count,
        sum(returned_orders_count) as returned_orders_count,
        sum(sessions_count) as sessions_count
    from activities
    group by customer_id
),

customer_systems as (
    select
        customer_id,
        system,
        count(*) as paid_orders_count,
        count(*) filter (where has_fx_rate) as valued_paid_orders_count,
        count(store_id) as store_orders_count,
        sum(net_amount) as paid_net_amount
    from orders
    where
        customer_id is not null
        and is_paid
    group by customer_id, system
),

order_totals as (
    select
        customer_id,
        sum(valued_paid_orders_count) as valued_paid_orders_count,
        sum(store_orders_count) as store_orders_count,
        sum(paid_net_amount) as paid_net_amount
    from customer_systems
    group by customer_id
),

ranked_systems as (
    select
        located.country_code,
        located.region,
        customer_systems.system,
        sum(customer_systems.paid_orders_count) as system_orders_count,
        row_number() over (
            partition by located.country_code, located.region
            order by
                sum(customer_systems.paid_orders_count) desc nulls last,
                customer_systems.system asc nulls last
        ) as system_rank
    from customer_systems
    inner join located
        on customer_systems.customer_id = located.customer_id
    group by located.country_code, located.region, customer_systems.system
),

-- One row per customer in each of the joined tables, so no customer is counted twice.
region_totals as (
    select
        located.country_code,
        located.region,
        count(*) as customers_count,
        count(*) filter (where rfm.frequency > 0) as buyers_count,
        count(*) filter (where behavior.active_days_30d_count > 0) as active_customers_30d_count,
        count(*) filter (where activity_totals.sessions_count > 0) as app_customers_count,
        sum(coalesce(activity_totals.orders_count, 0)) as orders_count,
        sum(rfm.frequency) as paid_orders_count,
        sum(coalesce(order_totals.valued_paid_orders_count, 0)) as valued_paid_orders_count,
        sum(coalesce(activity_totals.returned_orders_count, 0)) as returned_orders_count,
        sum(coalesce(order_totals.store_orders_count, 0)) as store_orders_count,
        sum(coalesce(order_totals.paid_net_amount, 0)) as paid_net_amount,
        sum(rfm.monetary_amount) as realised_amount
    from located
    inner join rfm
        on located.customer_id = rfm.customer_id
    inner join behavior
        on located.customer_id = behavior.customer_id
    left join activity_totals
        on located.customer_id = activity_totals.customer_id
    left join order_totals
        on located.customer_id = order_totals.customer_id
    group by located.country_code, located.region
),

compared as (
    select
        region_totals.*,
        top_systems.system as top_system,
        top_systems.system_orders_count as top_system_orders_count,
        {% for measure in compared_measures %}
            sum(region_totals.{{ measure }}) over () as all_{{ measure }}
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from region_totals
    left join ranked_systems as top_systems
        on
            region_totals.country_code = top_systems.country_code
            and region_totals.region = top_systems.region
            and top_systems.system_rank = 1
),

final as (
    select
        -- keys
        country_code,
        region,

        -- attributes
        top_system,

        -- measures: counts and amounts
        customers_count,
        buyers_count,
        active_customers_30d_count,
        app_customers_count,
        cast(orders_count as bigint) as orders_count,
        cast(paid_orders_count as bigint) as paid_orders_count,
        cast(realised_amount as decimal(38, 4)) as realised_amount,

        -- measures: rates
        {{ divide('100 * buyers_count', 'customers_count') }} as buyers_share_pct,
        {{ divide('100 * active_customers_30d_count', 'customers_count') }}
            as active_customers_30d_share_pct,
        {{ divide('100 * app_customers_count', 'customers_count') }} as app_customers_share_pct,
        {{ divide('paid_orders_count', 'buyers_count') }} as orders_per_buyer,
        {{ divide('paid_net_amount', 'valued_paid_orders_count', 'decimal(38, 4)') }}
            as average_order_value_amount,
        {{ divide('realised_amount', 'customers_count', 'decimal(38, 4)') }}
            as realised_per_customer_amount,
        {{ divide('100 * returned_orders_count', 'orders_count') }} as return_rate_pct,
        {{ divide('100 * store_orders_count', 'paid_orders_count') }} as store_orders_share_pct,
        {{ divide('100 * top_system_orders_count', 'paid_orders_count') }}
            as top_system_orders_share_pct,

        -- measures: 100 is as all customers together
        {% for index, (numerator, denominator) in compared_rates.items() %}
            {{ divide(
                '100 * ' ~ divide(numerator, denominator),
                divide('all_' ~ numerator, 'all_' ~ denominator)
            ) }} as {{ index }}_index{% if not loop.last %},{% endif %}
        {% endfor %}
    from compared
)

select * from final
