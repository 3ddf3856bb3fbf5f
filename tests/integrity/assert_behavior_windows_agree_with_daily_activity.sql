{# Window -> how many days before the as-of date its 30 days end. #}
{% set windows = {'30d': 0, 'prior_30d': 30} %}
{% set measures = ['gross', 'discount', 'net', 'refunded', 'realised'] %}
{% set counts = [
    'orders', 'paid_orders', 'items', 'sessions', 'cart_sessions', 'abandoned_cart_sessions', 'events', 'page_views',
    'product_views', 'searches', 'favourites', 'cart_adds', 'cart_removes'
] %}
with

behavior as (select * from {{ ref('customer_behavior_30d') }}),

activities as (select * from {{ ref('fct_customer_daily_activity') }}),

-- One pass per window, written differently from the model: dates are compared, not counted.
{% for window, days_before in windows.items() %}
    daily_{{ window }} as (
        select
            behavior.customer_id,
            {% for count in counts %}
                sum(activities.{{ count }}_count) as {{ count }}_count,
            {% endfor %}
            {% for slot in hour_slots() %}
                sum(activities.events_{{ slot }}_count) as events_{{ slot }}_count,
            {% endfor %}
            sum(case when activities.orders_count > 0 then 1 else 0 end) as order_days_count,
            sum(case when activities.orders_count + activities.events_count > 0 then 1 else 0 end)
                as active_days_count,
            {% for measure in measures %}
                sum(activities.{{ measure }}_amount) as {{ measure }}_amount
                {%- if not loop.last %},{% endif %}
            {% endfor %}
        from behavior
        inner join activities
            on
                behavior.customer_id = activities.customer_id
                and activities.activity_date
                > {{ add_days('behavior.as_of_date', -(30 + days_before)) }}
                and activities.activity_date <= {{ add_days('behavior.as_of_date', -days_before) }}
        group by behavior.customer_id
    ),

{% endfor %}
final as (
    select behavior.customer_id
    from behavior
    {% for window in windows %}
        left join daily_{{ window }}
            on behavior.customer_id = daily_{{ window }}.customer_id
    {% endfor %}
    where
        false
        {% for slot in hour_slots() %}
            or behavior.events_{{ slot }}_30d_count
            <> coalesce(daily_30d.events_{{ slot }}_count, 0)
        {% endfor %}
        {% for window in windows %}
            {% for count in counts + ['order_days', 'active_days'] %}
                or behavior.{{ count }}_{{ window }}_count
                <> coalesce(daily_{{ window }}.{{ count }}_count, 0)
            {% endfor %}
            {% for measure in measures %}
                or behavior.{{ measure }}_{{ window }}_amount
                <> coalesce(daily_{{ window }}.{{ measure }}_amount, 0)
            {% endfor %}
        {% endfor %}
)

select * from final
