with

report as (select * from {{ ref('rpt_season_behavior') }}),

orders as (select * from {{ ref('fct_orders') }}),

customers as (select * from {{ ref('dim_customers') }}),

southern_places as (select * from {{ ref('southern_places') }}),

dates as (select * from {{ ref('dim_dates') }}),

southern_countries as (
    select place as country_code
    from southern_places
    where place_type = 'country'
),

company as (
    select count(*) > 0 as is_southern
    from southern_places
    where
        place_type = 'time_zone'
        and place = '{{ business_zone() }}'
),

windows as (
    select
        min(window_start_date) as first_date,
        max(as_of_date) as last_date
    from report
),

located_orders as (
    select
        orders.*,
        case
            when customers.country_code is null then company.is_southern
            else southern_countries.country_code is not null
        end as is_southern
    from orders
    cross join company
    left join customers
        on orders.customer_id = customers.customer_id
    left join southern_countries
        on customers.country_code = southern_countries.country_code
),

compared as (
    select
        hemisphere,
        season,
        'orders' as topic,
        paid_orders_count,
        items_count,
        realised_amount
    from report
    where category = 'all'

    union all

    select
        case when orders.is_southern then 'south' else 'north' end as hemisphere,
        case when orders.is_southern then dates.southern_season else dates.season end as season,
        'orders' as topic,
        case when orders.is_paid then -1 else 0 end as paid_orders_count,
        case when orders.is_paid then -orders.items_count else 0 end as items_count,
        -coalesce(orders.realised_amount, 0) as realised_amount
    from located_orders as orders
    inner join dates
        on orders.ordered_date = dates.date_day
    inner join windows
        on orders.ordered_date between windows.first_date and windows.last_date

    union all

    select
        hemisphere,
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
        hemisphere,
        season,
        topic
    from compared
    group by hemisphere, season, topic
    having
        sum(paid_orders_count) <> 0
        or sum(items_count) <> 0
        or sum(realised_amount) <> 0
)

select * from final
