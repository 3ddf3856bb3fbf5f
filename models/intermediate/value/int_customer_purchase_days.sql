with

orders as (select * from {{ ref('int_orders_valued') }}),

customers as (select * from {{ ref('int_records_clustered') }}),

by_day as (
    select
        customers.customer_id,
        orders.ordered_date as purchase_date,
        count(*) as orders_count,
        -- null, and not zero, where no order of the day has an amount or a rate
        cast(
            sum(case when orders.has_amount then orders.realised_amount end) as decimal(38, 4)
        ) as realised_amount
    from orders
    inner join customers
        on orders.record_key = customers.record_key
    where orders.is_paid
    group by
        customers.customer_id,
        orders.ordered_date
),

final as (
    select
        -- keys
        customer_id,
        purchase_date,

        -- measures
        orders_count,
        realised_amount,

        -- dates and timestamps
        lag(purchase_date) over (
            partition by customer_id
            order by purchase_date asc nulls last
        ) as previous_purchase_date
    from by_day
)

select * from final
