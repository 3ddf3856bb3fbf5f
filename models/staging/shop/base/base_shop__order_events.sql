{{ typed_rows('raw_shop', 'order_events') }}
