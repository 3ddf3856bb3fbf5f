{{ typed_rows('raw_app', 'events') }}
