{{ typed_rows('raw_marketplace', 'order_items', documents=ref('base_marketplace__orders')) }}
