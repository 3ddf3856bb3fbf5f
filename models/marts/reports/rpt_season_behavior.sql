with

dates as (select * from {{ ref('dim_dates') }}),

order_lines as (select * from {{ ref('int_order_lines_realised') }}),

products as (select * from {{ ref('dim_products') }}),

records as (select * from {{ ref('int_records_clustered') }}),

customers as (select * from {{ ref('dim_customers') }}),

southern_places as (select * from {{ ref('southern_places') }}),

as_of as (select * from {{ ref('int_as_of') }}),

first_order as (
    select min(ordered_date) as first_ordered_date
    from order_lines
),

-- Where the company is, for guests and for customers whose country nobody knows.
company as (
    select case when count(*) > 0 then 'south' else 'north' end as company_hemisphere
    from southern_places
    where
        place_type = 'time_zone'
        and place = '{{ business_zone() }}'
),

spans as (
    select
        as_of.as_of_date,
        company.company_hemisphere,
        {{ days_between('first_order.first_ordered_date', 'as_of.as_of_date') }} + 1 as data_days
    from as_of
    cross join company
    cross join first_order
    where first_order.first_ordered_date is not null
),

-- The window is as many whole years as there are, so that each season is in it equally often. Where
-- the data hold less than a year, the window is all of them.
lengths as (
    select
        as_of_date,
        company_hemisphere,
        case
            when data_days >= 365
                then 365 * cast(floor({{ divide('data_days', '365') }}) as integer)
            else data_days
        end as window_days,
        data_days >= 365 as is_whole_years
    from spans
),

windows as (
    select
        as_of_date,
        company_hemisphere,
        window_days,
        is_whole_years,
        {{ add_days('as_of_date', '1 - window_days') }} as window_start_date
    from lengths
),

window_dates as (
    select
        'north' as hemisphere,
        dates.date_day,
        dates.season
    from dates
    inner join windows
        on dates.date_day between windows.window_start_date and windows.as_of_date

    union all

    select
        'south' as hemisphere,
        dates.date_day,
        dates.southern_season as season
    from dates
    inner join windows
        on dates.date_day between windows.window_start_date and windows.as_of_date
),

season_days as (
    select
        hemisphere,
        season,
        count(*) as covered_days_count
    from window_dates
    group by hemisphere, season
),

located_lines as (
    select
        order_lines.*,
        case
            when customers.country_code is null then windows.company_hemisphere
            when southern_places.place is not null then 'south'
            else 'north'
        end as hemisphere
    from order_lines
    cross join windows
    left join records
        on order_lines.record_key = records.record_key
    left join customers
        on records.customer_id = customers.customer_id
    left join southern_places
        on
            southern_places.place_type = 'country'
            and customers.country_code = southern_places.place
),

-- An order with several products of a category counts once for it.
category_orders as (
    select
        window_dates.hemisphere,
        window_dates.season,
        coalesce(products.category, 'unknown') as category,
        located_lines.order_key,
        bool_or(located_lines.is_paid) as is_paid,
        sum(located_lines.sold_quantity) as items_count,
        sum(located_lines.realised_amount) as realised_amount
    from located_lines
    inner join window_dates
        on
            located_lines.hemisphere = window_dates.hemisphere
            and located_lines.ordered_date = window_dates.date_day
    left join products
        on located_lines.product_id = products.product_id
    group by
        window_dates.hemisphere,
        window_dates.season,
        coalesce(products.category, 'unknown'),
        located_lines.order_key
),

season_categories as (
    select
        hemisphere,
        season,
        category,
        count(*) filter (where is_paid) as paid_orders_count,
        sum(items_count) as items_count,
        sum(realised_amount) as realised_amount
    from category_orders
    group by hemisphere, season, category

    union all

    select
        hemisphere,
        season,
        'all' as category,
        count(distinct case when is_paid then order_key end) as paid_orders_count,
        sum(items_count) as items_count,
        sum(realised_amount) as realised_amount
    from category_orders
    group by hemisphere, season
),

category_totals as (
    select
        hemisphere,
        category,
        sum(items_count) as items_count,
        sum(realised_amount) as realised_amount
    from season_categories
    group by hemisphere, category
),

-- Fans out on purpose: a category has a row for each season of the window, even without an order.
measured as (
    select
        season_days.hemisphere,
        season_days.season,
        category_totals.category,
        season_days.covered_days_count,
        windows.window_days,
        coalesce(season_categories.paid_orders_count, 0) as paid_orders_count,
        coalesce(season_categories.items_count, 0) as items_count,
        coalesce(season_categories.realised_amount, 0) as realised_amount,
        category_totals.items_count as category_items_count,
        category_totals.realised_amount as category_realised_amount,
        sum(
            case
                when category_totals.category = 'all' then season_categories.realised_amount
            end
        ) over (partition by season_days.hemisphere, season_days.season) as season_realised_amount,
        windows.is_whole_years,
        windows.window_start_date,
        windows.as_of_date
    from season_days
    inner join category_totals
        on season_days.hemisphere = category_totals.hemisphere
    cross join windows
    left join season_categories
        on
            season_days.hemisphere = season_categories.hemisphere
            and season_days.season = season_categories.season
            and category_totals.category = season_categories.category
),

final as (
    select
        -- keys
        hemisphere,
        season,
        category,

        -- measures
        covered_days_count,
        paid_orders_count,
        cast(items_count as decimal(38, 4)) as items_count,
        cast(realised_amount as decimal(38, 4)) as realised_amount,
        {{ divide('realised_amount', 'covered_days_count', 'decimal(38, 4)') }}
            as realised_per_day_amount,
        {{ divide('100 * realised_amount', 'category_realised_amount') }} as category_share_pct,
        {{ divide('100 * realised_amount', 'season_realised_amount') }} as season_share_pct,
        {{ divide(
            '100 * cast(items_count as double) * window_days',
            'cast(category_items_count as double) * covered_days_count'
        ) }} as items_index,
        {{ divide(
            '100 * cast(realised_amount as double) * window_days',
            'cast(category_realised_amount as double) * covered_days_count'
        ) }} as realised_index,

        -- flags
        is_whole_years,

        -- dates and timestamps
        window_start_date,
        as_of_date
    from measured
)

select * from final
