{{ typed_rows('raw_app', 'devices') }}
