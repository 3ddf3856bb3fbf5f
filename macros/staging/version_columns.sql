{% macro version_columns(relation, number) -%}
    {#-
        The select items of a staging model of the versions of customer records, the same for every system: the mail address
        and phone number of each, normalised as those of customer_columns. The model joins the seeds country_names and
        country_calling_codes (as calling_codes), and has the erased_columns.
    -#}
    {{ relation }}.{{ number }} as native_customer_id,
    {{ relation }}._file as landed_file,
    {{ relation }}._row as landed_row,
    case when not {{ relation }}.has_erased_email then {{ normalise_email(relation ~ '.email') }} end as email,
    {{ normalise_phone(
        relation ~ '.phone', 'calling_codes.calling_code', 'calling_codes.trunk_prefix',
        'calling_codes.shortest_number', 'calling_codes.longest_number'
    ) }} as phone,
    {{ relation }}.row_status = 'accepted' as is_in_use,
    {{ relation }}.row_status = 'deleted' as is_deletion,
    {{ relation }}._load_date as load_date,
    coalesce({{ relation }}.updated_at, cast({{ relation }}._load_date as timestamp)) as version_at
{%- endmacro %}
