{% set systems = staged_models('order_lines') %}
with

{% for system, model in systems.items() %}
    {{ system }}_order_lines as (select * from {{ ref(model) }}),

{% endfor %}
final as (
    {% for system in systems %}
        select
            '{{ system }}' as system,
            native_order_id,
            line_number,
            product_id,
            line_text,
            line_type_word,
            quantity,
            unit_price_local,
            line_amount_local,
            discount_amount_local
        from {{ system }}_order_lines
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
)

select * from final
