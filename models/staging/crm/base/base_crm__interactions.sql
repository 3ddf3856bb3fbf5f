{{ typed_rows('raw_crm', 'interactions') }}
