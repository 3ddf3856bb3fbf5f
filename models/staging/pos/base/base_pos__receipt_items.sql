{{ typed_rows('raw_pos', 'receipt_items', documents=ref('base_pos__receipts')) }}
