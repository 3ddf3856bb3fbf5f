{{ typed_rows('raw_ops', 'order_costs') }}
