{% macro match_columns() %}
    {#- The columns of a record that comparisons and blocking rules read, of int_match_records and int_match_aliases. -#}
    {{ return([
        'record_key', 'first_name', 'first_name_root', 'first_name_other_root', 'first_name_spelling', 'middle_name',
        'name_suffix', 'last_name', 'han_name', 'han_given_name', 'han_family_name', 'birth_date', 'birth_place',
        'gender', 'email', 'email_letters', 'email_digits', 'phone', 'masked_phone', 'address', 'street',
        'house_number', 'address_rest', 'postcode', 'postcode_area', 'city', 'region', 'occupation',
        'single_number_1', 'single_number_2', 'single_number_3', 'other_number', 'is_given_name', 'is_email_of_name'
    ]) }}
{% endmacro %}
