{% set systems = staged_models('coupons') %}
with

{% for system, model in systems.items() %}
    {{ system }}_coupons as (select * from {{ ref(model) }}),

{% endfor %}
final as (
    {% for system in systems %}
        select
            '{{ system }}:' || coupon_code as coupon_id,
            '{{ system }}' as system,
            coupon_code,
            coupon_name,
            coupon_type,
            coalesce(currency, '{{ setting("currency") }}') as currency,
            discount_pct,
            discount_amount_local,
            minimum_amount_local,
            valid_from_date,
            valid_to_date
        from {{ system }}_coupons
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
)

select * from final
