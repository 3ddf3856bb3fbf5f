{% set windows = ['30d', '60d', '90d', '180d'] %}
{% set counts = [
    'orders', 'paid_orders', 'returned_orders', 'sessions', 'cart_sessions', 'abandoned_cart_sessions', 'events',
    'page_views', 'product_views', 'searches', 'clicks', 'favourites', 'cart_adds', 'cart_removes'
] %}
{# Days whose windows a tag counts from: each is the last on which the count is above zero. #}
{% set last_dates = {
    'sessions': 'last_session_date',
    'product_views': 'last_product_view_date',
    'searches': 'last_search_date',
    'favourites': 'last_favourite_date',
    'cart_adds': 'last_cart_add_date',
    'abandoned_cart_sessions': 'last_abandoned_cart_date',
} %}
{% set amounts = ['gross', 'discount', 'net', 'paid_net', 'refunded', 'realised'] %}
{% set measures = [] %}
{% for name in ['active_days'] + counts %}
    {% do measures.append((name, 'count', 'bigint')) %}
{% endfor %}
{% do measures.append(('items', 'count', 'decimal(38, 4)')) %}
{% for name in amounts %}
    {% do measures.append((name, 'amount', 'decimal(38, 4)')) %}
{% endfor %}
{# Paid orders that have a rate: average order values divide by them. #}
{% set summed = measures + [('valued_paid_orders', 'count', 'bigint')] %}
with

purchases as (select * from {{ ref('int_customer_purchases') }}),

activities as (select * from {{ ref('fct_customer_daily_activity') }}),

-- The shortest window that a day lies in; longer windows hold it as well.
dated as (
    select
        activities.*,
        case
            {% for window in windows %}
                when {{ in_window('activities.activity_date', 'purchases.as_of_date', window) }}
                    then {{ window_days(window) }}
            {% endfor %}
        end as shortest_window_days
    from activities
    inner join purchases
        on activities.customer_id = purchases.customer_id
),

-- One row per customer and shortest window, so that a day is added up once for all windows.
totals as (
    select
        customer_id,
        shortest_window_days,
        count(*) filter (where orders_count > 0 or events_count > 0) as active_days_count,
        {% for count, name in last_dates.items() %}
            max(case when {{ count }}_count > 0 then activity_date end) as {{ name }},
        {% endfor %}
        {% for count in counts + ['valued_paid_orders', 'items'] %}
            sum({{ count }}_count) as {{ count }}_count,
        {% endfor %}
        {% for amount in amounts %}
            sum({{ amount }}_amount) as {{ amount }}_amount{% if not loop.last %},{% endif %}
        {% endfor %}
    from dated
    group by customer_id, shortest_window_days
),

windowed as (
    select
        customer_id,
        {% for name in last_dates.values() %}
            max({{ name }}) as {{ name }},
        {% endfor %}
        {% for window in windows + [''] %}
            {% set suffix = '_' ~ window if window else '' %}
            {% set is_last_window = loop.last %}
            {% set longest = window_days(window) if window else 0 %}
            {% for measure in summed %}
                sum({{ measure[0] }}_{{ measure[1] }})
                {%- if longest %} filter (where shortest_window_days <= {{ longest }}){% endif %}
                    as {{ measure[0] }}{{ suffix }}_{{ measure[1] }}
                {%- if not (is_last_window and loop.last) %},{% endif %}
            {% endfor %}
        {% endfor %}
    from totals
    group by customer_id
),

-- A customer who did nothing in a window has zeros, and no rates.
final as (
    select
        -- keys
        purchases.customer_id,
        purchases.as_of_date,

        -- measures
        {% for window in windows + [''] %}
            {% set suffix = '_' ~ window if window else '' %}
            {% for measure in measures %}
                {% set column = measure[0] ~ suffix ~ '_' ~ measure[1] %}
                cast(coalesce(windowed.{{ column }}, 0) as {{ measure[2] }}) as {{ column }},
            {% endfor %}
            {{ divide(
                'windowed.paid_net' ~ suffix ~ '_amount',
                'windowed.valued_paid_orders' ~ suffix ~ '_count',
                'decimal(38, 4)'
            ) }} as average_order_value{{ suffix }}_amount,
            {{ divide(
                '100 * windowed.returned_orders' ~ suffix ~ '_count',
                'windowed.orders' ~ suffix ~ '_count'
            ) }} as return_rate{{ suffix }}_pct,
            {{ divide(
                '100 * windowed.abandoned_cart_sessions' ~ suffix ~ '_count',
                'windowed.cart_sessions' ~ suffix ~ '_count'
            ) }} as cart_abandonment{{ suffix }}_pct,
            {% if window %}
                {{ divide(
                    'windowed.product_views' ~ suffix ~ '_count',
                    'windowed.sessions' ~ suffix ~ '_count'
                ) }} as product_views_per_session{{ suffix }},
            {% endif %}
        {% endfor %}
        {{ divide('windowed.product_views_count', 'windowed.sessions_count') }}
            as product_views_per_session,

        -- dates and timestamps
        {% for name in last_dates.values() %}
            windowed.{{ name }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from purchases
    left join windowed
        on purchases.customer_id = windowed.customer_id
)

select * from final
