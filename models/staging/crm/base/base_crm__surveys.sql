{{ typed_rows('raw_crm', 'surveys') }}
