{{ typed_rows('raw_crm', 'relationships') }}
