{{ customer_rows(
    ref('base_marketplace__buyers'),
    ref('country_names'),
    ref('country_calling_codes'),
    ref('gender_words'),
    number='buyer_id',
    registered_at='registered_at',
    lacks=[
        'loyalty_number', 'first_name', 'last_name', 'aliases', 'birth_date', 'birth_place',
        'gender', 'occupation', 'education', 'income_band', 'organisation', 'organisation_id',
        'has_email_consent', 'has_sms_consent', 'inviter_customer_id', 'marital_status',
        'children_count', 'household_size', 'home', 'registration_source'
    ],
) }}
