with

fees as (select * from {{ ref('base_marketplace__fees') }}),

final as (
    select
        -- keys
        fee_id as native_fee_id,
        order_id as native_order_id,

        -- attributes
        coalesce(lower(fee_type), 'other') as fee_type,
        currency,

        -- measures
        amount as amount_local,

        -- dates and timestamps
        charged_at,
        updated_at
    from fees
    where row_status = 'accepted'
)

select * from final
