with

orders as (select * from {{ ref('int_orders_seen') }}),

payments as (select * from {{ ref('int_payments_valued') }}),

fees as (select * from {{ ref('int_order_fees_valued') }}),

events as (select * from {{ ref('int_events_sessioned') }}),

as_of as (select * from {{ ref('int_as_of') }}),

-- A refund may be older than any order, if the data begin after the purchase.
fact_dates as (
    select ordered_date as fact_date
    from orders

    union all

    select paid_date as fact_date
    from payments

    union all

    select charged_date as fact_date
    from fees

    union all

    select occurred_date as fact_date
    from events
),

first_fact as (
    select min(fact_date) as first_date
    from fact_dates
),

bounds as (
    select
        coalesce(first_fact.first_date, as_of.as_of_date) as first_date,
        as_of.as_of_date as last_date
    from as_of
    cross join first_fact
),

days as (
    select {{ days_in_range('first_date', 'last_date', 'date_day') }}
    from bounds
),

final as (
    select
        -- keys
        date_day,

        -- attributes
        cast(extract(year from date_day) as integer) as year_number,
        cast(extract(quarter from date_day) as integer) as quarter_number,
        cast(extract(month from date_day) as integer) as month_number,
        cast(extract(day from date_day) as integer) as day_of_month_number,
        {{ iso_weekday('date_day') }} as iso_weekday_number,
        case
            when extract(month from date_day) in (3, 4, 5) then 'spring'
            when extract(month from date_day) in (6, 7, 8) then 'summer'
            when extract(month from date_day) in (9, 10, 11) then 'autumn'
            else 'winter'
        end as season,
        case
            when extract(month from date_day) in (9, 10, 11) then 'spring'
            when extract(month from date_day) in (12, 1, 2) then 'summer'
            when extract(month from date_day) in (3, 4, 5) then 'autumn'
            else 'winter'
        end as southern_season,

        -- flags
        {{ iso_weekday('date_day') }} >= 6 as is_weekend,

        -- dates and timestamps
        cast(date_trunc('week', date_day) as date) as week_start_date,
        cast(date_trunc('month', date_day) as date) as month_start_date
    from days
)

select * from final
