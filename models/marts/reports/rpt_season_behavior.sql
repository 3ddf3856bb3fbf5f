with

dates as (select * from {{ ref('dim_dates') }}),

order_lines as (select * from {{ ref('int_order_lines_realised') }}),

products as (select * from {{ ref('dim_products') }}),

as_of as (select * from {{ ref('int_as_of') }}),

spans as (
    select
        as_of.as_of_date,
        {{ days_between('min(order_lines.ordered_date)', 'as_of.as_of_date') }} + 1 as data_days
    from order_lines
    cross join as_of
    group by as_of.as_of_date
),

-- The window is as many whole years as there are, so that each season is in it equally often. Where
-- the data hold less than a year, the window is all of them.
lengths as (
    select
        as_of_date,
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
        window_days,
        is_whole_years,
        {{ add_days('as_of_date', '1 - window_days') }} as window_start_date
    from lengths
),

window_dates as (
    select
        dates.date_day,
        dates.season
    from dates
    inner join windows
        on dates.date_day between windows.window_start_date and windows.as_of_date
),

season_days as (
    select
        season,
        count(*) as covered_days_count
    from window_dates
    group by season
),

-- An order with several products of a category counts once for it.
category_orders as (
    select
        window_dates.season,
        coalesce(products.category, 'unknown') as category,
        order_lines.order_key,
        bool_or(order_lines.is_paid) as is_paid,
        sum(order_lines.sold_quantity) as items_count,
        sum(order_lines.realised_amount) as realised_amount
    from order_lines
    inner join window_dates
        on order_lines.ordered_date = window_dates.date_day
    left join products
        on order_lines.product_id = products.product_id
    group by window_dates.season, coalesce(products.category, 'unknown'), order_lines.order_key
),

season_categories as (
    select
        season,
        category,
        count(*) filter (where is_paid) as paid_orders_count,
        sum(items_count) as items_count,
        sum(realised_amount) as realised_amount
    from category_orders
    group by season, category

    union all

    select
        season,
        'all' as category,
        count(distinct case when is_paid then order_key end) as paid_orders_count,
        sum(items_count) as items_count,
        sum(realised_amount) as realised_amount
    from category_orders
    group by season
),

category_totals as (
    select
        category,
        sum(items_count) as items_count,
        sum(realised_amount) as realised_amount
    from season_categories
    group by category
),

-- Fans out on purpose: a category has a row for each season of the window, even without an order.
measured as (
    select
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
        ) over (partition by season_days.season) as season_realised_amount,
        windows.is_whole_years,
        windows.window_start_date,
        windows.as_of_date
    from season_days
    cross join category_totals
    cross join windows
    left join season_categories
        on
            season_days.season = season_categories.season
            and category_totals.category = season_categories.category
),

final as (
    select
        -- keys
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
