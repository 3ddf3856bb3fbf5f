{{ typed_rows('raw_crm', 'social_profiles') }}
