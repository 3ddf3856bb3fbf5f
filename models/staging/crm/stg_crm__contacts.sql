{{ customer_rows(
    ref('base_crm__contacts'),
    ref('country_names'),
    ref('country_calling_codes'),
    ref('gender_words'),
    number='contact_id',
    registered_at='created_at',
    lacks=['platform_id', 'inviter_customer_id', 'registration_source'],
) }}
