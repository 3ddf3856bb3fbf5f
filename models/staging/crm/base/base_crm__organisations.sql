{{ typed_rows('raw_crm', 'organisations') }}
