{{ customer_rows(
    ref('base_pos__members'),
    ref('country_names'),
    ref('country_calling_codes'),
    ref('gender_words'),
    number='member_id',
    registered_at='joined_at',
    lacks=[
        'platform_id', 'organisation', 'organisation_id', 'inviter_customer_id',
        'registration_source'
    ],
) }}
