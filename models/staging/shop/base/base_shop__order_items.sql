{{ typed_rows('raw_shop', 'order_items', documents=ref('base_shop__orders')) }}
