{% set systems = staged_models('fees') %}
with

{% for system, model in systems.items() %}
    {{ system }}_fees as (select * from {{ ref(model) }}),

{% endfor %}
order_costs as (select * from {{ ref('stg_ops__order_costs') }}),

cost_words as (select * from {{ ref('order_cost_words') }}),

told as (
    {% for system in systems %}
        select
            '{{ system }}' as source_system,
            '{{ system }}' as system,
            native_fee_id,
            native_order_id,
            fee_type,
            currency,
            amount_local,
            charged_at
        from {{ system }}_fees

        union all

    {% endfor %}
    select
        'ops' as source_system,
        system,
        native_cost_id as native_fee_id,
        native_order_id,
        cost_type as fee_type,
        currency,
        amount_local,
        charged_at
    from order_costs
),

-- The seed holds a word once: no row is multiplied. A word that it does not hold stays as it is.
final as (
    select
        -- keys
        told.source_system,
        told.system,
        told.native_fee_id,
        told.native_order_id,

        -- attributes
        coalesce(cost_words.cost_type, told.fee_type) as fee_type,
        told.currency,

        -- measures
        told.amount_local,

        -- dates and timestamps
        told.charged_at
    from told
    left join cost_words
        on {{ status_word('told.fee_type') }} = cost_words.order_cost_word
)

select * from final
