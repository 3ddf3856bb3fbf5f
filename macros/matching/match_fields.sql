{% macro match_fields() %}
    {#-
        The fields that blocking rules are made of: the name that the seed match_blocking_rules uses to the SQL on a row of
        int_match_records, as `records`.
    -#}
    {{ return({
        'everybody': "'everybody'",
        'name_in_any_order': 'least(records.first_name, records.last_name)'
            ~ " || ' ' || greatest(records.first_name, records.last_name)"
            ~ ' || substr(records.first_name || records.last_name, 1, 0)',
        'first_name': 'records.first_name',
        'last_name': 'records.last_name',
        'first_letters': 'left(records.first_name, 3)',
        'last_letters': 'left(records.last_name, 3)',
        'initials': 'least(left(records.first_name, 1), left(records.last_name, 1))'
            ~ ' || greatest(left(records.first_name, 1), left(records.last_name, 1))'
            ~ ' || substr(records.first_name || records.last_name, 1, 0)',
        'first_letter': 'left(records.first_name, 1)',
        'first_consonants': "nullif(left(" ~ regex_replace('records.first_name', '[aeiouy]') ~ ", 2), '')",
        'last_consonants': "nullif(" ~ regex_replace('records.last_name', '[aeiouy]') ~ ", '')",
        'last_three_consonants': "nullif(left(" ~ regex_replace('records.last_name', '[aeiouy]') ~ ", 3), '')",
        'han_name': 'records.han_name',
        'han_family_name': 'records.han_family_name',
        'birth_date': 'records.birth_date',
        'birth_year': 'left(records.birth_date, 4)',
        'birth_place': 'records.birth_place',
        'birth_day': 'right(records.birth_date, 4)',
        'email': 'records.email',
        'email_local_part': "split_part(records.email, '@', 1)",
        'email_domain': "nullif(split_part(records.email, '@', 2), '')",
        'email_start': 'left(records.email, 6)',
        'phone': 'records.phone',
        'phone_start': 'left(records.phone, length(records.phone) - 4)',
        'phone_end': 'right(records.phone, 6)',
        'masked_phone': 'records.masked_phone',
        'address': 'records.address',
        'street_letters': 'left(records.street, 5)',
        'street': 'records.street',
        'house_number': 'records.house_number',
        'postcode': 'records.postcode',
        'postcode_area': 'records.postcode_area',
        'city': 'records.city',
        'occupation': 'records.occupation',
        'other_number': 'records.other_number',
    }) }}
{% endmacro %}
