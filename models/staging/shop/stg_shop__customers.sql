{{ customer_rows(
    ref('base_shop__customers'),
    ref('country_names'),
    ref('country_calling_codes'),
    ref('gender_words'),
    number='customer_id',
    registered_at='registered_at',
    lacks=['loyalty_number', 'platform_id', 'organisation_id'],
) }}
