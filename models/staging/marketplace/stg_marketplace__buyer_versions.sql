{{ customer_version_rows(
    ref('base_marketplace__buyers'),
    ref('country_names'),
    ref('country_calling_codes'),
    number='buyer_id',
    lacks=['first_name'],
) }}
