{{ typed_rows('raw_marketplace', 'fees') }}
