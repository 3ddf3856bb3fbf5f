with

orders as (select * from {{ ref('int_orders_unioned') }}),

payments as (select * from {{ ref('int_payments_unioned') }}),

app_events as (select * from {{ ref('stg_app__events') }}),

event_dates as (
    select ordered_date as event_date
    from orders
    where not coalesce(is_test, false)

    union all

    select {{ business_date('cancelled_at') }} as event_date
    from orders
    where not coalesce(is_test, false)

    union all

    select paid_date as event_date
    from payments

    union all

    select occurred_date as event_date
    from app_events
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
