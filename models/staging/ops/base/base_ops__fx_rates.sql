{{ typed_rows('raw_ops', 'fx_rates') }}
