{{ typed_rows('raw_crm', 'identifiers') }}
