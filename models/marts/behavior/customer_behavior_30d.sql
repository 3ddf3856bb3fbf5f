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

last_days as (
    select
        customer_id,
        max(case when orders_count > 0 then activity_date end) as last_order_date,
        max(case when events_count > 0 then activity_date end) as last_visit_date
    from activities
    group by customer_id
),

windowed as (
    select
        activities.*,
        case
            {% for window in windows %}
                when {{ in_window('activities.activity_date', 'purchases.as_of_date', window) }}
                    then '{{ window }}'
            {% endfor %}
        end as window_name
    from activities
    inner join purchases
        on activities.customer_id = purchases.customer_id
),

-- One row per customer and window in which the customer did something.
totals as (
    select
        customer_id,
        window_name,
        count(*) filter (where orders_count > 0 or events_count > 0) as active_days_count,
        count(*) filter (where orders_count > 0) as order_days_count,
        {% for count in counts + ['valued_paid_orders', 'returned_orders', 'items'] %}
            coalesce(sum({{ count }}_count), 0) as {{ count }}_count,
        {% endfor %}
        {% for amount in amounts + ['paid_net'] %}
            coalesce(sum({{ amount }}_amount), 0) as {{ amount }}_amount,
        {% endfor %}
        {% for slot in hour_slots() %}
            coalesce(sum(events_{{ slot }}_count), 0) as events_{{ slot }}_count
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from windowed
    where window_name is not null
    group by customer_id, window_name
),

measured as (
    select
        *,
        {{ divide('paid_net_amount', 'valued_paid_orders_count', 'decimal(38, 4)') }}
            as average_order_value_amount,
        {{ divide('100 * returned_orders_count', 'orders_count') }} as return_rate_pct,
        {{ divide('100 * discount_amount', 'gross_amount') }} as discount_share_pct,
        {{ divide('100 * abandoned_cart_sessions_count', 'cart_sessions_count') }}
            as cart_abandonment_pct,
        greatest(
            {% for slot in hour_slots() %}
                events_{{ slot }}_count{% if not loop.last %},{% endif %}
            {% endfor %}
        ) as most_events_count
    from totals
),

-- A customer who did nothing in a window has zeros, and no rates. Each window is joined once.
final as (
    select
        -- keys
        purchases.customer_id,
        purchases.as_of_date,

        -- attributes
        activity_levels.activity_level,
        -- of equal slots the earlier one
        case
            {% for slot, hour_slot in hour_slots().items() %}
                when
                    in_30d.most_events_count > 0
                    and in_30d.events_{{ slot }}_count = in_30d.most_events_count
                    then '{{ hour_slot }}'
            {% endfor %}
        end as most_active_hour_slot,

        -- measures
        {% for window in windows %}
            {% for count in ['active_days', 'order_days'] + counts %}
                cast(coalesce(in_{{ window }}.{{ count }}_count, 0) as bigint)
                    as {{ count }}_{{ window }}_count,
            {% endfor %}
            cast(coalesce(in_{{ window }}.items_count, 0) as decimal(38, 4))
                as items_{{ window }}_count,
            {% for amount in amounts %}
                cast(coalesce(in_{{ window }}.{{ amount }}_amount, 0) as decimal(38, 4))
                    as {{ amount }}_{{ window }}_amount,
            {% endfor %}
            in_{{ window }}.average_order_value_amount as average_order_value_{{ window }}_amount,
            in_{{ window }}.return_rate_pct as return_rate_{{ window }}_pct,
            in_{{ window }}.discount_share_pct as discount_share_{{ window }}_pct,
            in_{{ window }}.cart_abandonment_pct as cart_abandonment_{{ window }}_pct,
        {% endfor %}
        {% for slot in hour_slots() %}
            cast(coalesce(in_30d.events_{{ slot }}_count, 0) as bigint)
                as events_{{ slot }}_30d_count,
        {% endfor %}
        {{ days_between('last_days.last_order_date', 'purchases.as_of_date') }}
            as since_last_order_days,
        {{ days_between('last_days.last_visit_date', 'purchases.as_of_date') }}
            as since_last_visit_days
    from purchases
    {% for window in windows %}
        left join measured as in_{{ window }}
            on
                purchases.customer_id = in_{{ window }}.customer_id
                and in_{{ window }}.window_name = '{{ window }}'
    {% endfor %}
    left join last_days
        on purchases.customer_id = last_days.customer_id
    left join activity_levels
        on
            coalesce(in_30d.active_days_count, 0) >= activity_levels.from_days
            and coalesce(in_30d.active_days_count, 0) < coalesce(activity_levels.to_days, 999999)
)

select * from final
