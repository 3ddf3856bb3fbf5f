{% set channel_measures = [
    'orders_count', 'paid_orders_count', 'guest_orders_count', 'gross_amount', 'discount_amount', 'net_amount',
    'realised_amount',
] %}
{% set other_measures = [
    'customers_count', 'new_customers_count', 'valued_paid_orders_count', 'paid_net_amount', 'sessions_count', 'anonymous_sessions_count',
    'sessions_with_order_count', 'visiting_customers_count', 'refunded_by_day_amount', 'customer_realised_by_day_amount',
    'active_customers_30d_count',
] %}
{% set measures = channel_measures + other_measures %}
{# Source -> its filter, its date, and which of the report's measures it gives. #}
{% set sources = {
    'orders': ['is_paid', 'ordered_date', {
        'customers_count': 'count(distinct customer_id)',
        'valued_paid_orders_count': 'count(net_amount)',
        'paid_net_amount': 'coalesce(sum(net_amount), 0)',
    }],
    'sessions': ['true', 'session_date', {
        'sessions_count': 'count(*)',
        'anonymous_sessions_count': 'count(*) filter (where customer_id is null)',
        'sessions_with_order_count': 'count(*) filter (where orders_count > 0)',
    }],
    'activities': ['true', 'activity_date', {
        'visiting_customers_count': 'count(*) filter (where sessions_count > 0)',
        'refunded_by_day_amount': 'coalesce(sum(refunded_amount), 0)',
        'customer_realised_by_day_amount': 'sum(realised_amount)',
    }],
    'refund_events': ['is_counted and record_key is null', 'refund_date', {
        'refunded_by_day_amount': 'coalesce(sum(amount), 0)',
    }],
    'first_dates': ['true', 'first_date', {'new_customers_count': 'count(*)'}],
    'behavior': ['active_days_30d_count > 0', 'as_of_date', {'active_customers_30d_count': 'count(*)'}],
} %}
with

report as (select * from {{ ref('rpt_kpis_daily') }}),

channels as (select * from {{ ref('rpt_channel_sales_daily') }}),

orders as (select * from {{ ref('fct_orders') }}),

sessions as (select * from {{ ref('fct_sessions') }}),

activities as (select * from {{ ref('fct_customer_daily_activity') }}),

behavior as (select * from {{ ref('customer_behavior_30d') }}),

refund_events as (select * from {{ ref('int_refund_events_unioned') }}),

as_of as (select * from {{ ref('int_as_of') }}),

first_dates as (
    select
        customer_id,
        min(ordered_date) as first_date
    from orders
    where
        customer_id is not null
        and is_paid
    group by customer_id
),

-- Other marts know only for the as-of date who is active within 30 days.
compared as (
    select
        report.date_day,
        {% for measure in measures %}
            {% if measure == 'customer_realised_by_day_amount' %}
                report.realised_by_day_amount - report.guest_realised_by_day_amount
                    as {{ measure }}
            {% elif measure == 'active_customers_30d_count' %}
                case when report.date_day = as_of.as_of_date then report.{{ measure }} else 0 end
                    as {{ measure }}
            {% else %}
                report.{{ measure }}
            {% endif %}
            {% if not loop.last %},{% endif %}
        {% endfor %}
    from report
    cross join as_of

    union all

    select
        ordered_date as date_day,
        {% for measure in measures %}
            {% if measure in channel_measures %}-coalesce({{ measure }}, 0){% else %}0{% endif %}
                as {{ measure }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from channels

    {% for source, parts in sources.items() %}
        union all

        select
            {{ parts[1] }} as date_day,
            {% for measure in measures %}
                {% if measure in parts[2] %}-{{ parts[2][measure] }}{% else %}0{% endif %}
                    as {{ measure }}{% if not loop.last %},{% endif %}
            {% endfor %}
        from {{ source }}
        where {{ parts[0] }}
        group by {{ parts[1] }}

    {% endfor %}
),

final as (
    select date_day
    from compared
    group by date_day
    having
        false
        {% for measure in measures %}
            or sum({{ measure }}) <> 0
        {% endfor %}
)

select * from final
