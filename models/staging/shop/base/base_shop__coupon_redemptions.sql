{{ typed_rows('raw_shop', 'coupon_redemptions') }}
