{{ typed_rows('raw_shop', 'coupons') }}
