{{ typed_rows('raw_marketplace', 'buyers') }}
