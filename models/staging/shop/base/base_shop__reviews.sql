{{ typed_rows('raw_shop', 'reviews') }}
