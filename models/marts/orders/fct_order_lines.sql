with

order_lines as (select * from {{ ref('int_order_lines_valued') }}),

records as (select * from {{ ref('int_records_clustered') }}),

final as (
    select
        -- keys
        order_lines.order_line_id,
        order_lines.order_id,
        records.customer_id,
        order_lines.product_id,
        order_lines.system,
        order_lines.line_number,

        -- attributes
        order_lines.line_type,
        order_lines.charge_kind,
        order_lines.match_rule,
        order_lines.line_text,
        order_lines.currency,

        -- measures
        order_lines.quantity,
        order_lines.returned_quantity,
        order_lines.matched_quantity,
        {% for amount in ['gross', 'discount', 'net', 'returned', 'matched'] %}
            {{ in_reporting_currency(
                'order_lines.' ~ amount ~ '_amount_local', 'order_lines.fx_rate'
            ) }} as {{ amount }}_amount,
        {% endfor %}
        order_lines.cost_amount,
        order_lines.unit_price_local,
        {% for amount in ['gross', 'discount', 'net', 'returned', 'matched'] %}
            order_lines.{{ amount }}_amount_local,
        {% endfor %}

        -- dates and timestamps
        order_lines.ordered_at,
        order_lines.ordered_date
    from order_lines
    left join records
        on order_lines.record_key = records.record_key
)

select * from final
