{% macro customer_columns(relation, number, registered_at, lacks=[]) -%}
    {#-
        The select items of a staging model of customer records, the same for every system: as written and normalised
        for matching. A column that the system `lacks` is null. The model joins the seeds country_names,
        country_calling_codes (as calling_codes) and gender_words, and the first load day of its earlier_versions. A
        masked name (张*) is none; what it shows stands in masked_name. Nor is what a shop writes into an erased account
        (erased_columns) a name or a mail address. A further name that a name holds is no part of it for matching.
    -#}
    {%- set column = {} -%}
    {%- for name in [
        'full_name', 'first_name', 'last_name', 'email', 'phone', 'birth_place', 'gender', 'country', 'region', 'city',
        'address', 'postcode', 'occupation', 'education', 'income_band', 'organisation', 'organisation_id', 'loyalty_number',
        'platform_id', 'inviter_customer_id', 'aliases', 'marital_status', 'home', 'registration_source'
    ] -%}
        {%- do column.update({name: relation ~ '.' ~ name if name not in lacks else 'cast(null as string)'}) -%}
    {%- endfor -%}
    {%- for name, nothing in {
        'birth_date': 'cast(null as date)',
        'children_count': 'cast(null as bigint)',
        'household_size': 'cast(null as bigint)',
        'has_email_consent': 'cast(null as boolean)',
        'has_sms_consent': 'cast(null as boolean)',
    }.items() -%}
        {%- do column.update({name: relation ~ '.' ~ name if name not in lacks else nothing}) -%}
    {%- endfor -%}
    {%- for name in ['full_name', 'first_name', 'last_name'] -%}
        {%- do column.update({
            'known_' ~ name:
                'case when not ' ~ relation ~ '.has_erased_name and ' ~ column[name] ~ " not like '%*%' then "
                ~ column[name] ~ ' end'
        }) -%}
    {%- endfor -%}
    {%- set plain_full_name = without_alias(column.known_full_name) -%}
    {%- set whole_name -%}
        coalesce(
            {{ column.known_full_name }},
            {{ name_of_parts(column.known_first_name, column.known_last_name) }}
        )
    {%- endset -%}
    {{ relation }}.{{ number }} as native_customer_id,
    {{ column.inviter_customer_id }} as inviter_native_customer_id,
    {{ column.organisation_id }} as native_organisation_id,
    {{ column.loyalty_number }} as loyalty_number,
    {{ column.platform_id }} as platform_id,
    {{ whole_name }} as full_name,
    {{ column.known_first_name }} as first_name,
    {{ column.known_last_name }} as last_name,
    {{ name_suffix(without_alias(whole_name)) }} as name_suffix,
    {{ fold_name(without_name_suffix(without_alias(whole_name))) }} as folded_full_name,
    {{ fold_name(
        'coalesce(' ~ without_alias(column.known_first_name) ~ ', ' ~ given_name(without_name_suffix(plain_full_name)) ~ ')'
    ) }} as folded_first_name,
    {{ fold_family_name(
        'coalesce(' ~ without_name_suffix(without_alias(column.known_last_name)) ~ ', '
        ~ family_name(without_name_suffix(plain_full_name)) ~ ')'
    ) }} as folded_last_name,
    nullif(concat_ws(';', {{ column.aliases }}, {{ name_alias(whole_name) }}), '') as aliases,
    case
        when {{ column.full_name }} like '_%*%'
            then {{ fold_name('split_part(' ~ column.full_name ~ ", '*', 1)") }}
    end as masked_name,
    case when not {{ relation }}.has_erased_email then {{ column.email }} end as written_email,
    case when not {{ relation }}.has_erased_email then {{ normalise_email(column.email) }} end as email,
    {{ column.phone }} as written_phone,
    {{ normalise_phone(
        column.phone, 'calling_codes.calling_code', 'calling_codes.trunk_prefix',
        'calling_codes.shortest_number', 'calling_codes.longest_number'
    ) }} as phone,
    {{ masked_phone(column.phone) }} as masked_phone,
    {{ column.birth_date }} as birth_date,
    {{ column.birth_place }} as birth_place,
    {{ column.gender }} as written_gender,
    gender_words.gender,
    {{ column.country }} as written_country,
    country_names.country_code,
    {{ column.region }} as region,
    {{ column.city }} as city,
    {{ column.address }} as address,
    {{ column.postcode }} as postcode,
    {{ column.occupation }} as occupation,
    {{ column.education }} as education,
    {{ column.income_band }} as income_band,
    {{ column.marital_status }} as marital_status,
    {{ column.children_count }} as children_count,
    {{ column.household_size }} as household_size,
    {{ column.home }} as home,
    {{ column.registration_source }} as registration_source,
    {{ column.organisation }} as organisation,
    {{ column.has_email_consent }} as has_email_consent,
    {{ column.has_sms_consent }} as has_sms_consent,
    {{ relation }}.has_erased_name or {{ relation }}.has_erased_email as is_erased,
    {{ relation }}.{{ registered_at }} as registered_at,
    {{ relation }}.updated_at,
    {{ first_load_date(relation ~ '._load_date', 'earlier_versions.first_load_day') }} as first_load_date
{%- endmacro %}
