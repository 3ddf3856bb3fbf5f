{# The channel of the app. In any other, and in all together, the funnel begins with the order. #}
{% set app_channel = 'shop' %}
{# Step -> what a visitor did in the window to take it. #}
{% set app_steps = {
    'visit': 'sessions_count > 0',
    'product_view': 'product_view_sessions_count > 0',
    'cart': 'cart_sessions_count > 0',
} %}
{% set order_steps = {
    'order': 'orders_count > 0',
    'paid': 'paid_orders_count > 0',
    'repeat': 'paid_orders_count > 0 and all_paid_orders_count > 1',
} %}
{% set steps = app_steps.keys() | list + order_steps.keys() | list %}
with

segments as (select * from {{ ref('customer_segments') }}),

sessions as (select * from {{ ref('fct_sessions') }}),

orders as (select * from {{ ref('fct_orders') }}),

as_of as (select * from {{ ref('int_as_of') }}),

-- Where no customer was logged in, each device counts as one visitor, who is in no segment.
app_visitors as (
    select
        coalesce(
            sessions.customer_id, 'd' || sessions.native_device_id, sessions.session_id
        ) as visitor_id,
        '{{ app_channel }}' as channel,
        sessions.is_anonymous,
        count(*) as sessions_count,
        count(*) filter (where sessions.product_views_count > 0) as product_view_sessions_count,
        count(*) filter (where sessions.has_cart_add) as cart_sessions_count
    from sessions
    cross join as_of
    where {{ in_window('sessions.session_date', 'as_of.as_of_date', '30d') }}
    group by
        coalesce(sessions.customer_id, 'd' || sessions.native_device_id, sessions.session_id),
        sessions.is_anonymous
),

customer_orders as (
    select
        orders.customer_id,
        orders.system,
        orders.is_paid,
        {{ in_window('orders.ordered_date', 'as_of.as_of_date', '30d') }} as is_in_window
    from orders
    cross join as_of
    where
        orders.customer_id is not null
        and orders.order_type <> 'return'
),

customer_channels as (
    select
        customer_id,
        system as channel,
        count(*) filter (where is_in_window) as orders_count,
        count(*) filter (where is_in_window and is_paid) as paid_orders_count,
        count(*) filter (where is_paid) as all_paid_orders_count
    from customer_orders
    group by customer_id, system

    union all

    select
        customer_id,
        'all' as channel,
        count(*) filter (where is_in_window) as orders_count,
        count(*) filter (where is_in_window and is_paid) as paid_orders_count,
        count(*) filter (where is_paid) as all_paid_orders_count
    from customer_orders
    group by customer_id
),

-- One row per visitor and channel: what was done in the app, and what was ordered there.
visitors as (
    select
        coalesce(customer_channels.customer_id, app_visitors.visitor_id) as visitor_id,
        coalesce(customer_channels.channel, app_visitors.channel) as channel,
        coalesce(app_visitors.is_anonymous, false) as is_anonymous,
        coalesce(app_visitors.sessions_count, 0) as sessions_count,
        coalesce(app_visitors.product_view_sessions_count, 0) as product_view_sessions_count,
        coalesce(app_visitors.cart_sessions_count, 0) as cart_sessions_count,
        coalesce(customer_channels.orders_count, 0) as orders_count,
        coalesce(customer_channels.paid_orders_count, 0) as paid_orders_count,
        coalesce(customer_channels.all_paid_orders_count, 0) as all_paid_orders_count
    from customer_channels
    full outer join app_visitors
        on
            customer_channels.customer_id = app_visitors.visitor_id
            and customer_channels.channel = app_visitors.channel
),

-- A customer has one segment, so no customer is counted twice.
flagged as (
    select
        visitors.channel,
        case when visitors.is_anonymous then 'anonymous' else segments.rfm_segment end as segment,
        {% for step, condition in (app_steps.items() | list) + (order_steps.items() | list) %}
            {{ condition }} as has_{{ step }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from visitors
    left join segments
        on visitors.visitor_id = segments.customer_id
),

-- How many steps the visitor took without leaving one out. Only the channel of the app has the
-- steps of the app.
funneled as (
    select
        *,
        case
            {% for step in steps %}
                when
                    not has_{{ step }}
                    {% if step in app_steps %}
                        and channel = '{{ app_channel }}'
                    {% endif %}
                    then {{ loop.index0 }}
            {% endfor %}
            else {{ steps | length }}
        end as funnel_steps_count
    from flagged
),

counted as (
    select
        channel,
        segment,
        {% for step in steps %}
            count(*) filter (where has_{{ step }}) as {{ step }}_customers_count,
            count(*) filter (where funnel_steps_count >= {{ loop.index }})
                as {{ step }}_funnel_customers_count{% if not loop.last %},{% endif %}
        {% endfor %}
    from funneled
    group by channel, segment
),

stepped as (
    {% for step in steps %}
        select
            channel,
            segment,
            '{{ step }}' as step,
            {{ loop.index }} as step_number,
            {{ step }}_customers_count as customers_count,
            {{ step }}_funnel_customers_count as funnel_customers_count
        from counted
        where
            {% if step in app_steps %}
                channel = '{{ app_channel }}'
            {% else %}
                segment <> 'anonymous'
            {% endif %}
        {% if not loop.last %}

            union all

        {% endif %}
    {% endfor %}
),

-- Each customer is in one segment, so the segments add up to all customers.
segmented as (
    select
        channel,
        segment,
        step,
        step_number,
        customers_count,
        funnel_customers_count
    from stepped

    union all

    select
        channel,
        'all' as segment,
        step,
        step_number,
        sum(customers_count) as customers_count,
        sum(funnel_customers_count) as funnel_customers_count
    from stepped
    where segment <> 'anonymous'
    group by channel, step, step_number
),

chained as (
    select
        *,
        first_value(funnel_customers_count) over (
            partition by channel, segment
            order by step_number asc nulls last
        ) as first_step_count,
        lag(funnel_customers_count) over (
            partition by channel, segment
            order by step_number asc nulls last
        ) as previous_step_count
    from segmented
),

final as (
    select
        -- keys
        chained.channel,
        chained.segment,
        chained.step,

        -- attributes
        chained.step_number,

        -- measures
        cast(chained.customers_count as bigint) as customers_count,
        cast(chained.funnel_customers_count as bigint) as funnel_customers_count,
        {{ divide('100 * chained.funnel_customers_count', 'chained.first_step_count') }}
            as first_step_share_pct,
        {{ divide('100 * chained.funnel_customers_count', 'chained.previous_step_count') }}
            as previous_step_share_pct,

        -- dates and timestamps
        as_of.as_of_date
    from chained
    cross join as_of
)

select * from final
