with

order_costs as (select * from {{ ref('base_ops__order_costs') }}),

cost_words as (select * from {{ ref('order_cost_words') }}),

-- The seed holds a word once: no row is multiplied.
final as (
    select
        -- keys
        order_costs.cost_id as native_cost_id,
        lower(order_costs.system) as system,
        order_costs.order_id as native_order_id,

        -- attributes
        order_costs.cost_type as cost_type_word,
        coalesce(cost_words.cost_type, 'other') as cost_type,
        order_costs.currency,

        -- measures
        order_costs.amount as amount_local,

        -- dates and timestamps
        order_costs.charged_at,
        order_costs.updated_at
    from order_costs
    left join cost_words
        on {{ status_word('order_costs.cost_type') }} = cost_words.order_cost_word
    where order_costs.row_status = 'accepted'
)

select * from final
