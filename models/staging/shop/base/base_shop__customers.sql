{{ typed_rows('raw_shop', 'customers') }}
