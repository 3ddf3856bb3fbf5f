{{ typed_rows('raw_pos', 'receipts') }}
