{{ customer_version_rows(
    ref('base_crm__contacts'),
    ref('country_names'),
    ref('country_calling_codes'),
    number='contact_id',
) }}
