{% set days = var('behavior_window_days') %}
{# The channel of the app: the others begin with the order, and so do all channels together. #}
{% set app_channel = 'shop' %}
{# Step -> what a visitor did in the window to be on it. #}
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

-- Nobody was logged in, so a device stands for a visitor, who is in no segment.
window_sessions as (
    select
        case when sessions.is_anonymous then 'anonymous' else 'customer' end as visitor_kind,
        coalesce(
            sessions.customer_id, 'd' || sessions.native_device_id, sessions.session_id
        ) as visitor_id,
        count(*) as sessions_count,
        count(*) filter (where sessions.product_views_count > 0) as product_view_sessions_count,
        count(*) filter (where sessions.has_cart_add) as cart_sessions_count
    from sessions
    cross join as_of
    where {{ in_window('sessions.session_date', 'as_of.as_of_date', days) }}
    group by
        visitor_kind,
        coalesce(sessions.customer_id, 'd' || sessions.native_device_id, sessions.session_id)
),

customer_systems as (
    select
        orders.customer_id,
        orders.system,
        count(*) filter (
            where {{ in_window('orders.ordered_date', 'as_of.as_of_date', days) }}
        ) as orders_count,
        count(*) filter (
            where orders.is_paid
            and {{ in_window('orders.ordered_date', 'as_of.as_of_date', days) }}
        ) as paid_orders_count,
        count(*) filter (where orders.is_paid) as all_paid_orders_count
    from orders
    cross join as_of
    where
        orders.customer_id is not null
        and orders.order_type <> 'return'
    group by orders.customer_id, orders.system
),

done as (
    select
        visitor_id,
        '{{ app_channel }}' as channel,
        visitor_kind,
        sessions_count,
        product_view_sessions_count,
        cart_sessions_count,
        0 as orders_count,
        0 as paid_orders_count,
        0 as all_paid_orders_count
    from window_sessions

    union all

    select
        customer_id as visitor_id,
        system as channel,
        'customer' as visitor_kind,
        0 as sessions_count,
        0 as product_view_sessions_count,
        0 as cart_sessions_count,
        orders_count,
        paid_orders_count,
        all_paid_orders_count
    from customer_systems

    union all

    select
        customer_id as visitor_id,
        'all' as channel,
        'customer' as visitor_kind,
        0 as sessions_count,
        0 as product_view_sessions_count,
        0 as cart_sessions_count,
        orders_count,
        paid_orders_count,
        all_paid_orders_count
    from customer_systems
),

visitors as (
    select
        visitor_id,
        channel,
        visitor_kind,
        sum(sessions_count) as sessions_count,
        sum(product_view_sessions_count) as product_view_sessions_count,
        sum(cart_sessions_count) as cart_sessions_count,
        sum(orders_count) as orders_count,
        sum(paid_orders_count) as paid_orders_count,
        sum(all_paid_orders_count) as all_paid_orders_count
    from done
    group by visitor_id, channel, visitor_kind
),

-- A customer has one segment, so nobody is doubled.
flagged as (
    select
        visitors.channel,
        case when visitors.visitor_kind = 'anonymous' then 'anonymous' else segments.rfm_segment end
            as segment,
        {% for step, condition in app_steps.items() %}
            {{ condition }} as has_{{ step }},
        {% endfor %}
        {% for step, condition in order_steps.items() %}
            {{ condition }} as has_{{ step }},
        {% endfor %}
        visitors.channel <> '{{ app_channel }}' as has_no_app
    from visitors
    left join segments
        on visitors.visitor_id = segments.customer_id
),

counted as (
    select
        channel,
        segment,
        {% for step in steps %}
            count(*) filter (where has_{{ step }}) as {{ step }}_count,
            count(*) filter (
                where has_{{ step }}
                {% for earlier in steps[:loop.index0] %}
                    {% if earlier in app_steps %}
                        and (has_{{ earlier }} or has_no_app)
                    {% else %}
                        and has_{{ earlier }}
                    {% endif %}
                {% endfor %}
            ) as {{ step }}_funnel_count{% if not loop.last %},{% endif %}
        {% endfor %}
    from flagged
    group by channel, segment
),

-- Segments hold each customer once, so they add up to all customers.
segmented as (
    select
        channel,
        segment,
        {% for step in steps %}
            {{ step }}_count,
            {{ step }}_funnel_count{% if not loop.last %},{% endif %}
        {% endfor %}
    from counted

    union all

    select
        channel,
        'all' as segment,
        {% for step in steps %}
            sum({{ step }}_count) as {{ step }}_count,
            sum({{ step }}_funnel_count) as {{ step }}_funnel_count
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from counted
    where segment <> 'anonymous'
    group by channel
),

stepped as (
    {% for step in steps %}
        select
            channel,
            segment,
            '{{ step }}' as step,
            {{ loop.index }} as step_number,
            {{ step }}_count as customers_count,
            {{ step }}_funnel_count as funnel_customers_count
        from segmented
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

chained as (
    select
        channel,
        segment,
        step,
        step_number,
        customers_count,
        funnel_customers_count,
        first_value(funnel_customers_count) over (
            partition by channel, segment
            order by step_number asc nulls last
        ) as first_step_count,
        lag(funnel_customers_count) over (
            partition by channel, segment
            order by step_number asc nulls last
        ) as previous_step_count
    from stepped
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
