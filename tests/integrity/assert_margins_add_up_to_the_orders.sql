with

orders as (select * from {{ ref('fct_orders') }}),

months as (select * from {{ ref('rpt_margins') }}),

customers as (select * from {{ ref('customer_margins') }}),

amounts as (
    select
        'months' as subject,
        1 as orders_count,
        realised_amount,
        margin_amount,
        case when is_paid then shipping_amount else 0 end as shipping_charged_amount
    from orders

    union all

    select
        'customers' as subject,
        1 as orders_count,
        realised_amount,
        margin_amount,
        case when is_paid then shipping_amount else 0 end as shipping_charged_amount
    from orders
    where customer_id is not null

    union all

    select
        'months' as subject,
        -orders_count as orders_count,
        -realised_amount as realised_amount,
        -margin_amount as margin_amount,
        -shipping_charged_amount as shipping_charged_amount
    from months

    union all

    select
        'customers' as subject,
        -orders_count as orders_count,
        -realised_amount as realised_amount,
        -margin_amount as margin_amount,
        -shipping_charged_amount as shipping_charged_amount
    from customers
),

final as (
    select
        subject,
        sum(orders_count) as orders_count,
        sum(realised_amount) as realised_amount,
        sum(margin_amount) as margin_amount,
        sum(shipping_charged_amount) as shipping_charged_amount
    from amounts
    group by subject
    having
        sum(orders_count) <> 0
        or sum(realised_amount) <> 0
        or sum(margin_amount) <> 0
        or sum(shipping_charged_amount) <> 0
)

select * from final
