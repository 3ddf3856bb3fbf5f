with

customers as (select * from {{ ref('dim_customers') }}),

behavior as (select * from {{ ref('customer_behavior_30d') }}),

lifetime_value as (select * from {{ ref('customer_lifetime_value') }}),

loyalty as (select * from {{ ref('customer_loyalty') }}),

rfm as (select * from {{ ref('customer_rfm') }}),

segments as (select * from {{ ref('customer_segments') }}),

listed as (
    select
        customer_id,
        'dim_customers' as mart
    from customers

    union all

    select
        customer_id,
        'customer_behavior_30d' as mart
    from behavior

    union all

    select
        customer_id,
        'customer_lifetime_value' as mart
    from lifetime_value

    union all

    select
        customer_id,
        'customer_loyalty' as mart
    from loyalty

    union all

    select
        customer_id,
        'customer_rfm' as mart
    from rfm

    union all

    select
        customer_id,
        'customer_segments' as mart
    from segments
),

final as (
    select
        customer_id,
        count(*) as rows_count,
        count(distinct mart) as mart_count
    from listed
    group by customer_id
    having
        count(*) <> 6
        or count(distinct mart) <> 6
)

select * from final
