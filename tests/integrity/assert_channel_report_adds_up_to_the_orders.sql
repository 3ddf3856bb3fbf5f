{% set measures = ['documents_count', 'orders_count', 'paid_orders_count', 'guest_orders_count', 'items_count'] %}
{% for amount in order_amounts() %}
    {% do measures.append(amount ~ '_amount') %}
    {% do measures.append(amount ~ '_amount_local') %}
{% endfor %}
{% do measures.append('fee_amount') %}
{% do measures.append('margin_amount') %}
with

report as (select * from {{ ref('rpt_channel_sales_daily') }}),

orders as (select * from {{ ref('fct_orders') }}),

counted as (
    select
        *,
        1 as documents_count,
        case when order_type = 'return' then 0 else 1 end as orders_count,
        case when is_paid then 1 else 0 end as paid_orders_count,
        case when customer_id is null and order_type <> 'return' then 1 else 0 end
            as guest_orders_count
    from orders
),

compared as (
    select
        system,
        currency,
        ordered_date,
        {% for measure in measures %}
            coalesce({{ measure }}, 0) as {{ measure }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from counted

    union all

    select
        system,
        currency,
        ordered_date,
        {% for measure in measures %}
            -coalesce({{ measure }}, 0) as {{ measure }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from report
),

final as (
    select
        system,
        currency,
        ordered_date
    from compared
    group by system, currency, ordered_date
    having
        false
        {% for measure in measures %}
            or sum({{ measure }}) <> 0
        {% endfor %}
)

select * from final
