{{ typed_rows('raw_shop', 'products') }}
