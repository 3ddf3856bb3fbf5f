with

coupons as (select * from {{ ref('base_shop__coupons') }}),

final as (
    select
        -- keys
        coupon_code,

        -- attributes
        coupon_name,
        lower(coupon_type) as coupon_type,
        currency,

        -- measures
        discount_pct,
        discount_amount as discount_amount_local,
        minimum_amount as minimum_amount_local,

        -- dates and timestamps
        valid_from as valid_from_date,
        valid_to as valid_to_date,
        updated_at
    from coupons
    where row_status = 'accepted'
)

select * from final
