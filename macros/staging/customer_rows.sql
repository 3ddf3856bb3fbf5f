{% macro customer_rows(delivered, country_names, calling_codes, gender_words, number, registered_at, lacks=[]) %}
{#-
    The query of a staging model of customer records, the same for every system: accepted rows, in their newest version,
    as written and normalised for matching. A column that the system `lacks` is null. A masked name (张*) is none; what it
    shows stands in masked_name. Nor is what a shop writes into an erased account (erased_columns) a name or a mail
    address. A further name that a name holds is no part of it for matching.
-#}
{% set types = {
    'birth_date': 'date', 'children_count': 'bigint', 'household_size': 'bigint',
    'has_email_consent': 'boolean', 'has_sms_consent': 'boolean',
} %}
with

delivered as (select * from {{ delivered }}),

country_names as (select * from {{ country_names }}),

calling_codes as (select * from {{ calling_codes }}),

gender_words as (select * from {{ gender_words }}),

-- When it was first delivered.
earlier_versions as (
    {{ earlier_versions('delivered', number) }}
),

customers as (
    select
        delivered.*,
        {% for name in lacks %}
        cast(null as {{ types.get(name, 'string') }}) as {{ name }},
        {% endfor %}
        {{ erased_columns('delivered', lacks) }}
    from delivered
    where delivered.row_status = 'accepted'
),

known as (
    select
        customers.*
        {% for name in ['full_name', 'first_name', 'last_name'] %},
        case
            when not customers.has_erased_name and customers.{{ name }} not like '%*%'
                then customers.{{ name }}
        end as known_{{ name }}
        {% endfor %}
    from customers
),

whole as (
    select
        known.*,
        coalesce(
            known.known_full_name,
            {{ name_of_parts('known.known_first_name', 'known.known_last_name') }}
        ) as whole_name
    from known
),

plain as (
    select
        whole.*,
        {{ without_alias('whole.whole_name') }} as plain_whole_name,
        {{ without_alias('whole.known_full_name') }} as plain_full_name,
        {{ without_alias('whole.known_first_name') }} as plain_first_name,
        {{ without_alias('whole.known_last_name') }} as plain_last_name
    from whole
),

bare as (
    select
        plain.*,
        {{ without_name_suffix('plain.plain_whole_name') }} as bare_whole_name,
        {{ without_name_suffix('plain.plain_full_name') }} as bare_full_name,
        {{ without_name_suffix('plain.plain_last_name') }} as bare_last_name
    from plain
),

named as (
    select
        bare.*,
        coalesce(bare.plain_first_name, {{ given_name('bare.bare_full_name') }}) as given_name,
        coalesce(bare.bare_last_name, {{ family_name('bare.bare_full_name') }}) as family_name
    from bare
),

final as (
    select
        -- keys
        named.{{ number }} as native_customer_id,
        named.inviter_customer_id as inviter_native_customer_id,
        named.organisation_id as native_organisation_id,
        named.loyalty_number,
        named.platform_id,

        -- attributes
        named.whole_name as full_name,
        named.known_first_name as first_name,
        named.known_last_name as last_name,
        {{ name_suffix('named.plain_whole_name') }} as name_suffix,
        {{ fold_name('named.bare_whole_name') }} as folded_full_name,
        {{ fold_name('named.given_name') }} as folded_first_name,
        {{ fold_family_name('named.family_name') }} as folded_last_name,
        nullif(concat_ws(';', named.aliases, {{ name_alias('named.whole_name') }}), '') as aliases,
        case
            when named.full_name like '_%*%'
                then {{ fold_name("split_part(named.full_name, '*', 1)") }}
        end as masked_name,
        case when not named.has_erased_email then named.email end as written_email,
        case when not named.has_erased_email then {{ normalise_email('named.email') }} end as email,
        named.phone as written_phone,
        {{ normalise_phone(
            'named.phone', 'calling_codes.calling_code', 'calling_codes.trunk_prefix',
            'calling_codes.shortest_number', 'calling_codes.longest_number'
        ) }} as phone,
        {{ masked_phone('named.phone') }} as masked_phone,
        named.birth_date,
        named.birth_place,
        named.gender as written_gender,
        gender_words.gender,
        named.country as written_country,
        country_names.country_code,
        named.region,
        named.city,
        named.address,
        named.postcode,
        named.occupation,
        named.education,
        named.income_band,
        named.marital_status,
        named.children_count,
        named.household_size,
        named.home,
        named.registration_source,
        named.organisation,

        -- flags
        named.has_email_consent,
        named.has_sms_consent,
        named.has_erased_name or named.has_erased_email as is_erased,

        -- dates and timestamps
        named.{{ registered_at }} as registered_at,
        named.updated_at,
        {{ first_load_date('named._load_date', 'earlier_versions.first_load_day') }} as first_load_date
    from named
    left join country_names
        on lower(named.country) = country_names.country_name
    left join calling_codes
        on {{ phone_country('named.country') }} = calling_codes.country_code
    left join gender_words
        on {{ status_word('named.gender') }} = gender_words.gender_word
    left join earlier_versions
        on named.{{ number }} = earlier_versions.{{ number }}
)

select * from final
{% endmacro %}
