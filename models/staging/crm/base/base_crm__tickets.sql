{{ typed_rows('raw_crm', 'tickets') }}
