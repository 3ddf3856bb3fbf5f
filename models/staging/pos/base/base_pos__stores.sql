{{ typed_rows('raw_pos', 'stores') }}
