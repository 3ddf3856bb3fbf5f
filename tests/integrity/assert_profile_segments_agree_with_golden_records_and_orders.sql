with

segments as (select * from {{ ref('customer_segments') }}),

customers as (select * from {{ ref('dim_customers') }}),

orders as (select * from {{ ref('fct_orders') }}),

behavior_segments as (select * from {{ ref('behavior_segments') }}),

recent_orders as (
    select
        orders.customer_id,
        count(*) as paid_orders_count
    from orders
    inner join segments
        on orders.customer_id = segments.customer_id
    where
        orders.is_paid
        and {{ in_window('orders.ordered_date', 'segments.as_of_date', '365d') }}
    group by orders.customer_id
),

final as (
    select
        segments.customer_id,
        segments.demographic_segment,
        segments.geographic_segment,
        segments.occupation_group,
        segments.income_group,
        segments.behavior_segment
    from segments
    inner join customers
        on segments.customer_id = customers.customer_id
    inner join behavior_segments
        on segments.behavior_segment = behavior_segments.behavior_segment
    left join recent_orders
        on segments.customer_id = recent_orders.customer_id
    where
        (segments.age_band = 'unknown')
        <> (customers.birth_date is null or customers.birth_date > segments.as_of_date)
        or segments.demographic_segment <> case
            when customers.gender is null and segments.age_band = 'unknown' then 'unknown'
            else coalesce(customers.gender, 'unknown') || ', ' || segments.age_band
        end
        or (segments.geographic_segment = 'unknown')
        <> (coalesce(customers.country_code, customers.region) is null)
        or (segments.city_level = 'unknown') <> (customers.city is null)
        or (segments.occupation_group = 'unknown') <> (customers.occupation is null)
        or (segments.income_group = 'unknown') <> (customers.income_band is null)
        or coalesce(recent_orders.paid_orders_count, 0)
        < coalesce(behavior_segments.minimum_paid_orders_365d, 0)
)

select * from final
