{{ typed_rows('raw_crm', 'campaigns') }}
