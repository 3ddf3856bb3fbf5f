{% set days = var('behavior_window_days') %}
{% set windows = ['30d', 'prior_30d'] %}
{% set counts = [
    'orders', 'paid_orders', 'sessions', 'cart_sessions', 'abandoned_cart_sessions', 'events', 'page_views',
    'product_views', 'searches', 'favourites', 'cart_adds', 'cart_removes'
] %}
{% set amounts = ['gross', 'discount', 'net', 'refunded', 'realised'] %}
with

purchases as (select * from {{ ref('int_customer_purchases') }}),

activities as (select * from {{ ref('fct_customer_daily_activity') }}),

activity_levels as (select * from {{ ref('activity_levels') }}),

windowed as (
    select
        activities.customer_id,
        activities.activity_date,
        case
            when {{ in_window('activities.activity_date', 'purchases.as_of_date', days) }}
                then '30d'
            when {{ in_window('activities.activity_date', 'purchases.as_of_date', days, days) }}
                then 'prior_30d'
        end as window_name,
        activities.returned_orders_count,
        activities.items_count,
        activities.paid_net_amount,
        {% for count in counts %}
            activities.{{ count }}_count,
        {% endfor %}
        {% for amount in amounts %}
            activities.{{ amount }}_amount,
        {% endfor %}
        {% for slot in hour_slots() %}
            activities.events_{{ slot }}_count{% if not loop.last %},{% endif %}
        {% endfor %}
    from activities
    inner join purchases
        on activities.customer_id = purchases.customer_id
),

window_totals as (
    select
        customer_id,
        {% for window in windows %}
            {% set is_inside = "window_name = '" ~ window ~ "'" %}
            {% for count in counts %}
                sum({{ count }}_count) filter (where {{ is_inside }})
                    as {{ count }}_{{ window }}_count,
            {% endfor %}
            {% for amount in amounts %}
                sum({{ amount }}_amount) filter (where {{ is_inside }})
                    as {{ amount }}_{{ window }}_amount,
            {% endfor %}
            sum(returned_orders_count) filter (where {{ is_inside }})
                as returned_orders_{{ window }}_count,
            sum(items_count) filter (where {{ is_inside }}) as items_{{ window }}_count,
            sum(paid_net_amount) filter (where {{ is_inside }}) as paid_net_{{ window }}_amount,
            count(*) filter (where {{ is_inside }} and orders_count > 0)
                as order_days_{{ window }}_count,
            count(*) filter (where {{ is_inside }} and (orders_count > 0 or events_count > 0))
                as active_days_{{ window }}_count,
        {% endfor %}
        {% for slot in hour_slots() %}
            sum(events_{{ slot }}_count) filter (where window_name = '30d')
                as events_{{ slot }}_30d_count,
        {% endfor %}
        max(case when orders_count > 0 then activity_date end) as last_order_date,
        max(case when events_count > 0 then activity_date end) as last_visit_date
    from windowed
    group by customer_id
),

-- A customer who did nothing has zeros.
totals as (
    select
        purchases.customer_id,
        purchases.as_of_date,
        {% for window in windows %}
            {% for count in ['active_days', 'order_days', 'returned_orders'] + counts %}
                cast(coalesce(window_totals.{{ count }}_{{ window }}_count, 0) as bigint)
                    as {{ count }}_{{ window }}_count,
            {% endfor %}
            coalesce(window_totals.items_{{ window }}_count, 0) as items_{{ window }}_count,
            {% for amount in ['paid_net'] + amounts %}
                coalesce(window_totals.{{ amount }}_{{ window }}_amount, 0)
                    as {{ amount }}_{{ window }}_amount,
            {% endfor %}
        {% endfor %}
        {% for slot in hour_slots() %}
            cast(coalesce(window_totals.events_{{ slot }}_30d_count, 0) as bigint)
                as events_{{ slot }}_30d_count,
        {% endfor %}
        window_totals.last_order_date,
        window_totals.last_visit_date
    from purchases
    left join window_totals
        on purchases.customer_id = window_totals.customer_id
),

final as (
    select
        -- keys
        totals.customer_id,
        totals.as_of_date,

        -- attributes
        activity_levels.activity_level,
        -- of equal slots the earlier one
        case
            {% for slot, hour_slot in hour_slots().items() %}
                when
                    totals.events_{{ slot }}_30d_count > 0
                    and totals.events_{{ slot }}_30d_count = greatest(
                        {% for other_slot in hour_slots() %}
                            totals.events_{{ other_slot }}_30d_count
                            {%- if not loop.last %},{% endif %}
                        {% endfor %}
                    )
                    then '{{ hour_slot }}'
            {% endfor %}
        end as most_active_hour_slot,

        -- measures
        {% for window in windows %}
            {% for count in ['active_days', 'order_days'] + counts %}
                totals.{{ count }}_{{ window }}_count,
            {% endfor %}
            cast(totals.items_{{ window }}_count as decimal(18, 4)) as items_{{ window }}_count,
            {% for amount in amounts %}
                cast(totals.{{ amount }}_{{ window }}_amount as decimal(18, 4))
                    as {{ amount }}_{{ window }}_amount,
            {% endfor %}
            {{ divide(
                'totals.paid_net_' ~ window ~ '_amount',
                'totals.paid_orders_' ~ window ~ '_count',
                'decimal(18, 4)'
            ) }} as average_order_value_{{ window }}_amount,
            {{ divide(
                '100 * totals.returned_orders_' ~ window ~ '_count',
                'totals.orders_' ~ window ~ '_count'
            ) }} as return_rate_{{ window }}_pct,
            {{ divide(
                '100 * totals.discount_' ~ window ~ '_amount',
                'totals.gross_' ~ window ~ '_amount'
            ) }} as discount_share_{{ window }}_pct,
            {{ divide(
                '100 * totals.abandoned_cart_sessions_' ~ window ~ '_count',
                'totals.cart_sessions_' ~ window ~ '_count'
            ) }} as cart_abandonment_{{ window }}_pct,
        {% endfor %}
        {% for slot in hour_slots() %}
            totals.events_{{ slot }}_30d_count,
        {% endfor %}
        {{ days_between('totals.last_order_date', 'totals.as_of_date') }} as since_last_order_days,
        {{ days_between('totals.last_visit_date', 'totals.as_of_date') }} as since_last_visit_days
    from totals
    left join activity_levels
        on
            totals.active_days_30d_count >= activity_levels.from_days
            and totals.active_days_30d_count < coalesce(activity_levels.to_days, 999999)
)

select * from final
