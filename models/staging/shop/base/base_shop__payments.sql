{{ typed_rows('raw_shop', 'payments') }}
