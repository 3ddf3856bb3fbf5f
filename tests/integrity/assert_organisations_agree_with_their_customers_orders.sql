with

organisations as (select * from {{ ref('dim_organisations') }}),

customers as (select * from {{ ref('dim_customers') }}),

orders as (select * from {{ ref('fct_orders') }}),

published as (
    select
        sum(orders_count) as orders_count,
        sum(realised_amount) as realised_amount
    from organisations
),

recounted as (
    select
        count(*) filter (where orders.order_type <> 'return') as orders_count,
        coalesce(sum(orders.realised_amount), 0) as realised_amount
    from orders
    inner join customers
        on orders.customer_id = customers.customer_id
    where customers.organisation_id is not null
),

final as (
    select
        published.orders_count,
        recounted.orders_count as recounted_orders_count,
        published.realised_amount,
        recounted.realised_amount as recounted_realised_amount
    from published
    cross join recounted
    where
        coalesce(published.orders_count, 0) <> recounted.orders_count
        or coalesce(published.realised_amount, 0) <> recounted.realised_amount
)

select * from final
