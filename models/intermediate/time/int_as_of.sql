with

shop_orders as (select * from {{ ref('stg_shop__orders') }}),

shop_payments as (select * from {{ ref('stg_shop__payments') }}),

-- A further system joins here, with its own dates.
event_dates as (
    select ordered_date as event_date
    from shop_orders

    union all

    select {{ business_date('cancelled_at') }} as event_date
    from shop_orders

    union all

    select paid_date as event_date
    from shop_payments
),

latest as (
    select max(event_date) as latest_date
    from event_dates
),

final as (
    select
        {% if setting('as_of') %}
            cast('{{ setting("as_of") }}' as date) as as_of_date,
            true as is_given
        {% else %}
            coalesce(latest_date, {{ run_date() }}) as as_of_date,
            false as is_given
        {% endif %}
    from latest
)

select * from final
