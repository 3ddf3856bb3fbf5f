with

orders as (select * from {{ ref('int_orders_valued') }}),

promotion_days as (select * from {{ ref('promotion_days') }}),

days as (
    select
        ordered_date as date_day,
        count(*) as orders_count
    from orders
    where
        order_type <> 'return'
        and ordered_date is not null
    group by ordered_date
),

-- What is usual on a day is the median of the four weeks before and after it.
neighbours as (
    select
        date_day as neighbour_date,
        orders_count,
        {{ days_in_range(add_days('date_day', -28), add_days('date_day', 28), 'date_day') }}
    from days
),

usual as (
    select
        date_day,
        median(orders_count) as usual_orders_count
    from neighbours
    where date_day <> neighbour_date
    group by date_day
),

named as (
    select
        days.date_day,
        min(promotion_days.promotion) as promotion
    from days
    inner join promotion_days
        on
            month(days.date_day) = promotion_days.month_number
            and day(days.date_day) between promotion_days.from_day and promotion_days.to_day
            and year(days.date_day) = coalesce(promotion_days.year_number, year(days.date_day))
            and {{ iso_weekday('days.date_day') }}
            = coalesce(promotion_days.iso_weekday_number, {{ iso_weekday('days.date_day') }})
    group by days.date_day
),

compared as (
    select
        days.date_day,
        named.promotion,
        days.orders_count,
        usual.usual_orders_count
    from days
    left join named
        on days.date_day = named.date_day
    left join usual
        on days.date_day = usual.date_day
),

final as (
    select
        -- keys
        date_day,

        -- attributes
        promotion,

        -- measures
        orders_count,
        usual_orders_count
    from compared
    where
        orders_count >= {{ var('promotion_factor') }} * usual_orders_count
        and orders_count >= {{ var('promotion_minimum_orders') }}
        or promotion is not null
        and orders_count >= {{ var('promotion_named_factor') }} * usual_orders_count
)

select * from final
