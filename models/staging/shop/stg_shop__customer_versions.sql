{{ customer_version_rows(
    ref('base_shop__customers'),
    ref('country_names'),
    ref('country_calling_codes'),
    number='customer_id',
) }}
