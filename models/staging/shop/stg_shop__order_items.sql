with

order_items as (select * from {{ ref('base_shop__order_items') }}),

final as (
    select
        -- keys
        order_id as native_order_id,
        line_number,
        'shop:' || product_id as product_id,

        -- attributes
        description as line_text,
        line_type as line_type_word,

        -- measures
        quantity,
        unit_price as unit_price_local,
        line_amount as line_amount_local,
        -- a discount gets the sign of its line, whatever sign the shop writes it
        case when quantity < 0 then -abs(discount_amount) else abs(discount_amount) end
            as discount_amount_local,

        -- dates and timestamps
        updated_at
    from order_items
    where row_status = 'accepted'
)

select * from final
