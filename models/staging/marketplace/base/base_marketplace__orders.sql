{{ typed_rows('raw_marketplace', 'orders') }}
