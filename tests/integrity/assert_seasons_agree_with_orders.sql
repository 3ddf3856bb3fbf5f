with

report as (select * from {{ ref('rpt_season_behavior') }}),

orders as (select * from {{ ref('fct_orders') }}),

dates as (select * from {{ ref('dim_dates') }}),

windows as (
    select
        min(window_start_date) as first_date,
        max(as_of_date) as last_date
    from report
),

compared as (
    select
        season,
        'orders' as topic,
        paid_orders_count,
        items_count,
        realised_amount
    from report
    where category = 'all'

    union all

    select
        dates.season,
        'orders' as topic,
        case when orders.is_paid then -1 else 0 end as paid_orders_count,
        case when orders.is_paid then -orders.items_count else 0 end as items_count,
        -coalesce(orders.realised_amount, 0) as realised_amount
    from orders
    inner join dates
        on orders.ordered_date = dates.date_day
    inner join windows
        on orders.ordered_date between windows.first_date and windows.last_date

    union all

    select
        season,
        'categories' as topic,
        0 as paid_orders_count,
        case when category = 'all' then -items_count else items_count end as items_count,
        case when category = 'all' then -realised_amount else realised_amount end
            as realised_amount
    from report
),

final as (
    select
        season,
        topic
    from compared
    group by season, topic
    having
        sum(paid_orders_count) <> 0
        or sum(items_count) <> 0
        or sum(realised_amount) <> 0
)

select * from final
