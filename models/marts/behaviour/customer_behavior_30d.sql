{% set days = var('behavior_window_days') %}
{% set windows = {'30d': 0, 'prior_30d': days} %}
{% set measures = ['items', 'gross', 'discount', 'net', 'paid_net', 'refunded', 'realised'] %}
with

purchases as (select * from {{ ref('int_customer_purchases') }}),

activities as (select * from {{ ref('fct_customer_daily_activity') }}),

window_totals as (
    select
        activities.customer_id,
        {% for window, days_before in windows.items() %}
            {% set is_inside = in_window(
                'activities.activity_date', 'purchases.as_of_date', days, days_before
            ) %}
            coalesce(sum(activities.orders_count) filter (where {{ is_inside }}), 0)
                as orders_{{ window }}_count,
            coalesce(sum(activities.paid_orders_count) filter (where {{ is_inside }}), 0)
                as paid_orders_{{ window }}_count,
            coalesce(sum(activities.returned_orders_count) filter (where {{ is_inside }}), 0)
                as returned_orders_{{ window }}_count,
            count(*) filter (where activities.orders_count > 0 and {{ is_inside }})
                as active_days_{{ window }}_count,
            {% for measure in measures %}
                {% set column = 'items_count' if measure == 'items' else measure ~ '_amount' %}
                coalesce(sum(activities.{{ column }}) filter (where {{ is_inside }}), 0)
                    as {{ measure }}_{{ window }},
            {% endfor %}
        {% endfor %}
        max(case when activities.orders_count > 0 then activities.activity_date end)
            as last_order_date
    from activities
    inner join purchases
        on activities.customer_id = purchases.customer_id
    group by activities.customer_id
),

final as (
    select
        -- keys
        purchases.customer_id,
        purchases.as_of_date,

        -- measures
        {% for window in windows %}
            cast(coalesce(window_totals.orders_{{ window }}_count, 0) as bigint)
                as orders_{{ window }}_count,
            cast(coalesce(window_totals.paid_orders_{{ window }}_count, 0) as bigint)
                as paid_orders_{{ window }}_count,
            cast(coalesce(window_totals.active_days_{{ window }}_count, 0) as bigint)
                as active_days_{{ window }}_count,
            cast(coalesce(window_totals.items_{{ window }}, 0) as decimal(18, 4))
                as items_{{ window }}_count,
            cast(coalesce(window_totals.gross_{{ window }}, 0) as decimal(18, 4))
                as gross_{{ window }}_amount,
            cast(coalesce(window_totals.discount_{{ window }}, 0) as decimal(18, 4))
                as discount_{{ window }}_amount,
            cast(coalesce(window_totals.net_{{ window }}, 0) as decimal(18, 4))
                as net_{{ window }}_amount,
            cast(coalesce(window_totals.refunded_{{ window }}, 0) as decimal(18, 4))
                as refunded_{{ window }}_amount,
            cast(coalesce(window_totals.realised_{{ window }}, 0) as decimal(18, 4))
                as realised_{{ window }}_amount,
            {{ divide(
                'window_totals.paid_net_' ~ window, 'window_totals.paid_orders_' ~ window ~ '_count',
                'decimal(18, 4)'
            ) }} as average_order_value_{{ window }}_amount,
            {{ divide(
                '100 * window_totals.returned_orders_' ~ window ~ '_count',
                'window_totals.orders_' ~ window ~ '_count'
            ) }} as return_rate_{{ window }}_pct,
            {{ divide(
                '100 * window_totals.discount_' ~ window, 'window_totals.gross_' ~ window
            ) }} as discount_share_{{ window }}_pct,
        {% endfor %}
        {{ days_between('window_totals.last_order_date', 'purchases.as_of_date') }}
            as since_last_order_days
    from purchases
    left join window_totals
        on purchases.customer_id = window_totals.customer_id
)

select * from final
