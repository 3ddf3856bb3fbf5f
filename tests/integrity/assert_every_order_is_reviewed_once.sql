with

orders as (select * from {{ ref('fct_orders') }}),

reviews as (select * from {{ ref('fct_order_reviews') }}),

reasons as (select * from {{ ref('fct_order_review_reasons') }}),

turnaround as (select * from {{ ref('rpt_order_turnaround') }}),

counts as (
    select
        'orders by channel ' || system as subject,
        count(*) as orders_count
    from orders
    where order_type <> 'return'
    group by system

    union all

    select
        'orders by channel ' || system as subject,
        -count(*) as orders_count
    from reviews
    group by system

    union all

    select
        'turnaround by channel ' || system as subject,
        count(*) as orders_count
    from reviews
    group by system

    union all

    select
        'turnaround by channel ' || system as subject,
        -sum(orders_count) as orders_count
    from turnaround
    group by system

    union all

    select
        'reasons' as subject,
        count(*) as orders_count
    from reasons

    union all

    select
        'reasons' as subject,
        -sum(reasons_count) as orders_count
    from reviews
),

final as (
    select
        subject,
        sum(orders_count) as orders_count
    from counts
    group by subject
    having sum(orders_count) <> 0
)

select * from final
