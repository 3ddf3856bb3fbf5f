{{ typed_rows('raw_pos', 'members') }}
