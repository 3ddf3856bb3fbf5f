with

coupons as (select * from {{ ref('int_coupons_unioned') }}),

final as (
    select
        -- keys
        coupon_id,
        system,
        coupon_code,

        -- attributes
        coupon_name,
        coupon_type,
        currency,

        -- measures
        cast(discount_pct as decimal(38, 4)) as discount_pct,
        cast(discount_amount_local as decimal(38, 4)) as discount_amount_local,
        cast(minimum_amount_local as decimal(38, 4)) as minimum_amount_local,

        -- dates and timestamps
        valid_from_date,
        valid_to_date
    from coupons
)

select * from final
