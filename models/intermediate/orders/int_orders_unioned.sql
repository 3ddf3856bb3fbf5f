{% set systems = staged_models('orders') %}
with

{% for system, model in systems.items() %}
    {{ system }}_orders as (select * from {{ ref(model) }}),

{% endfor %}
final as (
    {% for system in systems %}
        select
            '{{ system }}' as system,
            native_order_id,
            native_customer_id,
            original_native_order_id,
            native_store_id,
            native_seller_id,
            order_type,
            order_type_word,
            status_word,
            status,
            currency,
            coupon_code,
            payment_method,
            chosen_payment_method,
            delivery_country_code,
            delivery_region,
            delivery_city,
            delivery_address,
            delivery_postcode,
            header_gross_amount_local,
            header_discount_amount_local,
            header_net_amount_local,
            header_shipping_amount_local,
            header_tax_amount_local,
            header_tip_amount_local,
            is_paid_by_status,
            is_cancelled,
            prices_include_tax,
            is_test,
            ordered_at,
            ordered_date,
            cancelled_at,
            approved_at,
            shipped_at,
            delivered_at,
            promised_at,
            first_load_date,
            paid_load_date,
            cancelled_load_date,
            refunded_date,
            refunded_load_date
        from {{ system }}_orders
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
)

select * from final
