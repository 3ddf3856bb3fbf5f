{{ typed_rows('raw_shop', 'orders') }}
