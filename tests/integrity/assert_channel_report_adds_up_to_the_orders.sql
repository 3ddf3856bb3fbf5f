{# Measure of the report -> its value for one order. #}
{% set measures = {
    'documents_count': '1',
    'orders_count': "case when order_type = 'return' then 0 else 1 end",
    'return_documents_count': "case when order_type = 'return' then 1 else 0 end",
    'paid_orders_count': 'case when is_paid then 1 else 0 end',
    'cancelled_orders_count': "case when is_cancelled and order_type <> 'return' then 1 else 0 end",
    'guest_orders_count': "case when customer_id is null and order_type <> 'return' then 1 else 0 end",
    'guest_net_amount_local': 'case when customer_id is null then net_amount_local else 0 end',
    'documents_with_margin_count': 'case when margin_amount is null then 0 else 1 end',
    'items_count': 'items_count',
    'fee_amount': 'fee_amount',
    'margin_amount': 'margin_amount',
} %}
{% for amount in order_amounts() %}
    {% for suffix in ['_amount', '_amount_local'] %}
        {% do measures.update({amount ~ suffix: amount ~ suffix}) %}
    {% endfor %}
{% endfor %}
with

report as (select * from {{ ref('rpt_channel_sales_daily') }}),

orders as (select * from {{ ref('fct_orders') }}),

compared as (
    select
        system,
        currency,
        ordered_date,
        {% for measure, value in measures.items() %}
            coalesce({{ value }}, 0) as {{ measure }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from orders

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
