{{ typed_rows('raw_ops', 'marketing_costs') }}
