{{ customer_version_rows(
    ref('base_pos__members'),
    ref('country_names'),
    ref('country_calling_codes'),
    number='member_id',
) }}
