with

orders as (select * from {{ ref('int_orders_seen') }}),

order_facts as (select * from {{ ref('fct_orders') }}),

customers as (select * from {{ ref('dim_customers') }}),

customer_counts as (
    select
        customer_id,
        count(*) as customer_count
    from customers
    group by customer_id
),

fact_counts as (
    select
        order_facts.order_id,
        count(*) as fact_count,
        count(order_facts.customer_id) as named_count,
        coalesce(sum(customer_counts.customer_count), 0) as customer_count
    from order_facts
    left join customer_counts
        on order_facts.customer_id = customer_counts.customer_id
    group by order_facts.order_id
),

final as (
    select
        orders.order_id,
        fact_counts.fact_count,
        fact_counts.customer_count
    from orders
    left join fact_counts
        on orders.order_id = fact_counts.order_id
    where
        coalesce(fact_counts.fact_count, 0) <> 1
        or fact_counts.named_count <> case when orders.native_customer_id is null then 0 else 1 end
        or fact_counts.customer_count <> fact_counts.named_count
)

select * from final
