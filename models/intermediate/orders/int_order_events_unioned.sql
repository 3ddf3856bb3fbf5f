{# Step -> the column of the order that says when it was. #}
{% set own_steps = {
    'placed': 'ordered_at', 'approved': 'approved_at', 'shipped': 'shipped_at', 'delivered': 'delivered_at',
    'cancelled': 'cancelled_at',
} %}
with

orders as (select * from {{ ref('int_orders_valued') }}),

logged_events as (select * from {{ ref('stg_shop__order_events') }}),

as_of as (select * from {{ ref('int_as_of') }}),

logged as (
    select
        orders.order_key,
        'shop:' || logged_events.native_order_event_id as order_event_id,
        logged_events.order_event,
        logged_events.event_word,
        logged_events.actor,
        logged_events.carrier,
        logged_events.tracking_number,
        logged_events.place,
        logged_events.note,
        logged_events.occurred_at,
        logged_events.occurred_date
    from logged_events
    inner join orders
        on
            orders.system = 'shop'
            and logged_events.native_order_id = orders.native_order_id
    inner join as_of
        on logged_events.occurred_date <= as_of.as_of_date
),

logged_steps as (
    select distinct
        order_key,
        order_event
    from logged
    where order_event is not null
),

-- What the order itself says.
own_times as (
    {% for step, column in own_steps.items() %}
        select
            order_key,
            order_id,
            '{{ step }}' as order_event,
            {{ column }} as occurred_at
        from orders
        where
            order_type <> 'return'
            and {{ column }} is not null

        {% if not loop.last %}
            union all

        {% endif %}
    {% endfor %}
),

-- The log knows better: the order's own time counts for a step that the log does not have.
own as (
    select own_times.*
    from own_times
    left join logged_steps
        on
            own_times.order_key = logged_steps.order_key
            and own_times.order_event = logged_steps.order_event
    inner join as_of
        on {{ business_date('own_times.occurred_at') }} <= as_of.as_of_date
    where logged_steps.order_key is null
),

final as (
    select
        order_event_id,
        order_key,
        'log' as event_source,
        order_event,
        event_word,
        actor,
        carrier,
        tracking_number,
        place,
        note,
        occurred_at,
        occurred_date
    from logged

    union all

    select
        'order:' || order_id || ':' || order_event as order_event_id,
        order_key,
        'order' as event_source,
        order_event,
        cast(null as string) as event_word,
        cast(null as string) as actor,
        cast(null as string) as carrier,
        cast(null as string) as tracking_number,
        cast(null as string) as place,
        cast(null as string) as note,
        occurred_at,
        {{ business_date('occurred_at') }} as occurred_date
    from own
)

select * from final
