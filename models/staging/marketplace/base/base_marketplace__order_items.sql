{{ typed_rows('raw_marketplace', 'order_items') }}
