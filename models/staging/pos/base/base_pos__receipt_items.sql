{{ typed_rows('raw_pos', 'receipt_items') }}
