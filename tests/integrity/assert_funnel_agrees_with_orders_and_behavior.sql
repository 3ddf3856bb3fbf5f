{#
    Step -> the column of customer_behavior_30d that counts it: in the shop for the first two steps,
    in any channel for the others.
#}
{% set steps = {
    'visit': 'sessions_30d_count',
    'cart': 'cart_sessions_30d_count',
    'order': 'orders_30d_count',
    'paid': 'paid_orders_30d_count',
} %}
with

report as (select * from {{ ref('rpt_funnel') }}),

behavior as (select * from {{ ref('customer_behavior_30d') }}),

segments as (select * from {{ ref('customer_segments') }}),

orders as (select * from {{ ref('fct_orders') }}),

segmented as (
    select
        segments.rfm_segment,
        {% for column in steps.values() %}
            behavior.{{ column }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from behavior
    left join segments
        on behavior.customer_id = segments.customer_id
),

compared as (
    select
        channel,
        segment,
        step,
        customers_count
    from report
    where
        segment <> 'anonymous'
        and (
            (channel = 'shop' and step in ('visit', 'cart'))
            or (channel = 'all' and step in ('order', 'paid'))
        )

    {% for step, column in steps.items() %}
        {% set channel = 'shop' if step in ('visit', 'cart') else 'all' %}
        union all

        select
            '{{ channel }}' as channel,
            rfm_segment as segment,
            '{{ step }}' as step,
            -1 as customers_count
        from segmented
        where {{ column }} > 0

        union all

        select
            '{{ channel }}' as channel,
            'all' as segment,
            '{{ step }}' as step,
            -1 as customers_count
        from segmented
        where {{ column }} > 0

    {% endfor %}

    union all

    select
        channel,
        segment,
        'paid' as step,
        customers_count
    from report
    where
        segment = 'all'
        and channel <> 'all'
        and step = 'paid'

    union all

    select
        orders.system as channel,
        'all' as segment,
        'paid' as step,
        -count(distinct orders.customer_id) as customers_count
    from orders
    inner join behavior
        on orders.customer_id = behavior.customer_id
    where
        orders.is_paid
        and {{ in_window('orders.ordered_date', 'behavior.as_of_date', '30d') }}
    group by orders.system
),

final as (
    select
        channel,
        segment,
        step
    from compared
    group by channel, segment, step
    having sum(customers_count) <> 0
)

select * from final
