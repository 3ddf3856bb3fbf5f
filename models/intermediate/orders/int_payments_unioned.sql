{% set systems = staged_models('payments') %}
with

{% for system, model in systems.items() %}
    {{ system }}_payments as (select * from {{ ref(model) }}),

{% endfor %}
final as (
    {% for system in systems %}
        select
            '{{ system }}' as system,
            native_payment_id,
            native_order_id,
            native_customer_id,
            product_id,
            payment_type,
            payment_type_word,
            status_word,
            status,
            method,
            currency,
            amount_local,
            goods_amount_local,
            shipping_amount_local,
            tax_amount_local,
            quantity,
            installments_count,
            is_succeeded,
            is_status_unmapped,
            paid_at,
            paid_date,
            refunded_date,
            first_load_date
        from {{ system }}_payments
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
)

select * from final
