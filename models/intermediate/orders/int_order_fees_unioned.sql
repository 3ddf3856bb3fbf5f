{% set systems = staged_models('fees') %}
with

{% for system, model in systems.items() %}
    {{ system }}_fees as (select * from {{ ref(model) }}),

{% endfor %}
final as (
    {% for system in systems %}
        select
            '{{ system }}' as system,
            native_fee_id,
            native_order_id,
            fee_type,
            currency,
            amount_local,
            charged_at
        from {{ system }}_fees
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
)

select * from final
