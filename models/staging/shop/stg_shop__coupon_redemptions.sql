with

coupon_redemptions as (select * from {{ ref('base_shop__coupon_redemptions') }}),

final as (
    select
        -- keys
        order_id as native_order_id,
        coupon_code,
        coupon_issue_id,

        -- attributes
        currency,

        -- measures
        discount_amount as discount_amount_local,

        -- dates and timestamps
        redeemed_at,
        updated_at
    from coupon_redemptions
    where row_status = 'accepted'
)

select * from final
