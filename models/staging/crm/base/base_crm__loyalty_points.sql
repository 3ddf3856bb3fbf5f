{{ typed_rows('raw_crm', 'loyalty_points') }}
