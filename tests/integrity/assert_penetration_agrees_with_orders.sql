with

report as (select * from {{ ref('rpt_penetration') }}),

orders as (select * from {{ ref('fct_orders') }}),

rfm as (select * from {{ ref('customer_rfm') }}),

compared as (
    select
        dimension,
        dimension_value,
        buyers_count,
        paid_orders_count,
        items_count,
        realised_amount
    from report
    where dimension in ('all', 'channel')

    union all

    select
        'channel' as dimension,
        system as dimension_value,
        -count(distinct case when is_paid then customer_id end) as buyers_count,
        -count(*) filter (where is_paid) as paid_orders_count,
        -sum(case when is_paid then items_count else 0 end) as items_count,
        -coalesce(sum(realised_amount), 0) as realised_amount
    from orders
    where customer_id is not null
    group by system

    union all

    select
        'all' as dimension,
        'all' as dimension_value,
        case when frequency > 0 then -1 else 0 end as buyers_count,
        -frequency as paid_orders_count,
        0 as items_count,
        0 as realised_amount
    from rfm

    union all

    -- the values of each dimension add up to all units and all revenue
    select
        'all' as dimension,
        'all' as dimension_value,
        0 as buyers_count,
        0 as paid_orders_count,
        -items_count as items_count,
        -realised_amount as realised_amount
    from report
    where dimension = 'channel'

    union all

    select
        'category' as dimension,
        'all' as dimension_value,
        0 as buyers_count,
        0 as paid_orders_count,
        case when dimension = 'all' then -items_count else items_count end as items_count,
        case when dimension = 'all' then -realised_amount else realised_amount end
            as realised_amount
    from report
    where dimension in ('all', 'category')

    union all

    select
        'brand' as dimension,
        'all' as dimension_value,
        0 as buyers_count,
        0 as paid_orders_count,
        case when dimension = 'all' then -items_count else items_count end as items_count,
        case when dimension = 'all' then -realised_amount else realised_amount end
            as realised_amount
    from report
    where dimension in ('all', 'brand')
),

final as (
    select
        dimension,
        dimension_value
    from compared
    group by dimension, dimension_value
    having
        sum(buyers_count) <> 0
        or sum(paid_orders_count) <> 0
        or sum(items_count) <> 0
        or sum(realised_amount) <> 0
)

select * from final
