{% set whole_name = 'scripts.first_name || scripts.last_name' %}
{% set whole_name_reversed = 'scripts.last_name || scripts.first_name' %}
{% set han = '[\u4e00-\u9fff]' %}
with

record_attributes as (select * from {{ ref('int_record_attributes_unioned') }}),

identifiers as (select * from {{ ref('int_identifiers_unioned') }}),

identifier_values as (select * from {{ ref('int_identifier_values_judged') }}),

nicknames as (select * from {{ ref('match_nicknames') }}),

given_names as (select * from {{ ref('given_names') }}),

identifier_types as (select * from {{ ref('identifier_types') }}),

calling_codes as (select * from {{ ref('country_calling_codes') }}),

settings as (select * from {{ ref('match_settings') }}),

limits as (
    select
        {{ match_setting('placeholder_records') }} as placeholder_records,
        {{ match_setting('placeholder_share') }} as placeholder_share,
        {{ match_setting('number_records') }} as number_records
    from settings
),

-- A birth date that very many records have is a placeholder, typed by people who wanted to get on.
dates_counted as (
    select
        birth_date,
        count(*) as records_count
    from record_attributes
    where birth_date is not null
    group by birth_date
),

dates_totalled as (
    select sum(records_count) as records_count
    from dates_counted
),

placeholder_dates as (
    select dates_counted.birth_date
    from dates_counted
    cross join dates_totalled
    cross join limits
    where
        dates_counted.birth_date in (cast('1900-01-01' as date), cast('1970-01-01' as date))
        or (
            dates_counted.records_count > limits.placeholder_records
            and dates_counted.records_count
            > limits.placeholder_share * dates_totalled.records_count
        )
),

-- A blocked or quarantined value does not count as a person's mail address or phone number.
unusable_values as (
    select
        identifier_type,
        identifier_value
    from identifier_values
    where
        identifier_status in ('blocked', 'quarantined')
        and identifier_type in ('email', 'phone')
),

-- Households share devices and browsers, so these say little about a person.
other_numbers as (
    select
        identifiers.record_key,
        identifiers.identifier_type,
        identifiers.identifier_value,
        count(*) over (partition by identifiers.identifier_type) as type_record_count
    from identifiers
    inner join identifier_values
        on
            identifiers.identifier_type = identifier_values.identifier_type
            and identifiers.identifier_value = identifier_values.identifier_value
    cross join limits
    where
        identifier_values.strength = 'weak'
        and identifier_values.identifier_status not in ('blocked', 'quarantined')
        and identifier_values.records_count <= limits.number_records
        and identifiers.identifier_type not in ('device', 'cookie', 'browser', 'address')
),

-- One number for each record, of the type that most records have, so that the numbers of two
-- records are of the same type if possible.
numbers_ranked as (
    select
        record_key,
        replace(identifier_type, ':', ' ') || ':' || lower(identifier_value) as other_number,
        row_number() over (
            partition by record_key
            order by
                type_record_count desc nulls last,
                identifier_type asc nulls last,
                identifier_value asc nulls last
        ) as number_rank
    from other_numbers
),

-- Of a number that only one person can have, and of which a person has only one, another one is
-- evidence too. A record with two of a type has no say.
single_numbers as (
    select
        identifiers.record_key,
        identifiers.identifier_type,
        min(
            case when identifiers.identifier_value not like '%:%' then ':' else '' end
            || identifiers.identifier_value
        ) as single_number
    from identifiers
    inner join identifier_types
        on identifiers.identifier_type = identifier_types.identifier_type
    where identifier_types.uniqueness = 'one_per_person'
    group by identifiers.record_key, identifiers.identifier_type
    having count(*) = 1
),

-- The three types that most records have.
single_types as (
    select
        identifier_type,
        row_number() over (
            order by count(*) desc nulls last, identifier_type asc nulls last
        ) as type_place
    from single_numbers
    group by identifier_type
),

single_numbers_placed as (
    select
        single_numbers.record_key,
        {% for place in range(1, 4) %}
            max(
                case
                    when single_types.type_place = {{ place }} then single_numbers.single_number
                end
            ) as single_number_{{ place }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from single_numbers
    inner join single_types
        on single_numbers.identifier_type = single_types.identifier_type
    group by single_numbers.record_key
),

plain_names as (
    select
        record_key,
        {{ without_alias('first_name') }} as plain_first_name,
        {{ without_name_suffix(without_alias('full_name')) }} as plain_full_name
    from record_attributes
    where folded_first_name is not null
),

-- Whose name ends with a legal form is no person.
organisations as (
    select record_key
    from record_attributes
    where {{ regex_matches(lower_text('full_name'), organisation_pattern()) }}
),

-- What stands before the family name, in lower case: Mary Ann Smith, Smith, Mary Ann. Van and de
-- belong to the family name.
given_names_written as (
    select
        record_key,
        coalesce(
            plain_first_name,
            case
                when plain_full_name like '%,%' then trim(split_part(plain_full_name, ',', 2))
                when plain_full_name like '% % %'
                    then {{ regex_replace(
                        'plain_full_name', '( ' ~ name_particles() ~ ')* [^ ]+$'
                    ) }}
            end
        ) as given_text
    from plain_names
),

given_names_without_hyphen as (
    select
        record_key,
        replace(given_text, '-', ' ') as given_text,
        split_part(replace(given_text, '-', ' '), ' ', 1) as first_part
    from given_names_written
),

given_parts as (
    select
        record_key,
        {{ fold_name('first_part') }} as first_part,
        {{ fold_name('substr(given_text, length(first_part) + 1)') }} as other_parts
    from given_names_without_hyphen
    where given_text like '% %'
),

lines as (
    select
        record_attributes.record_key,
        coalesce(given_parts.first_part, record_attributes.folded_first_name) as folded_first_name,
        given_parts.other_parts as middle_name,
        record_attributes.folded_last_name,
        record_attributes.masked_name,
        record_attributes.name_suffix,
        record_attributes.masked_phone,
        record_attributes.gender,
        {{ fold_name('record_attributes.occupation') }} as occupation,
        case
            when placeholder_dates.birth_date is null
                then replace(cast(record_attributes.birth_date as string), '-', '')
        end as birth_date,
        case
            when unusable_emails.identifier_value is null then record_attributes.email
        end as email,
        case
            when unusable_phones.identifier_value is null
                then replace(record_attributes.phone, '+', '')
        end as phone,
        calling_codes.calling_code,
        -- mobile numbers in China are written without the 0
        case
            when calling_codes.trunk_prefix = '0' and calling_codes.calling_code <> '86' then '0'
            else ''
        end as written_trunk,
        single_numbers_placed.single_number_1,
        single_numbers_placed.single_number_2,
        single_numbers_placed.single_number_3,
        numbers_ranked.other_number,
        {{ fold_name('record_attributes.postcode') }} as postcode,
        {{ fold_name('record_attributes.city') }} as city,
        {{ fold_name('record_attributes.region') }} as region,
        {{ fold_name('record_attributes.birth_place') }} as birth_place,
        split_part(replace(record_attributes.address, '，', ','), ',', 1) as first_line,
        {{ address_parts('record_attributes.address') }} as address_parts
    from record_attributes
    left join placeholder_dates
        on record_attributes.birth_date = placeholder_dates.birth_date
    left join unusable_values as unusable_emails
        on
            unusable_emails.identifier_type = 'email'
            and record_attributes.email = unusable_emails.identifier_value
    left join unusable_values as unusable_phones
        on
            unusable_phones.identifier_type = 'phone'
            and record_attributes.phone = unusable_phones.identifier_value
    left join calling_codes
        on record_attributes.country_code = calling_codes.country_code
    left join numbers_ranked
        on
            record_attributes.record_key = numbers_ranked.record_key
            and numbers_ranked.number_rank = 1
    left join single_numbers_placed
        on record_attributes.record_key = single_numbers_placed.record_key
    left join given_parts
        on record_attributes.record_key = given_parts.record_key
),

-- A masked name shows the family name in Chinese characters, and the first letter in others.
shown as (
    select
        record_key,
        middle_name,
        name_suffix,
        masked_phone,
        gender,
        occupation,
        birth_date,
        email,
        phone,
        calling_code,
        written_trunk,
        single_number_1,
        single_number_2,
        single_number_3,
        other_number,
        postcode,
        city,
        region,
        birth_place,
        first_line,
        address_parts,
        coalesce(
            folded_first_name,
            case when not {{ regex_matches('masked_name', han) }} then masked_name end
        ) as known_first_name,
        coalesce(
            folded_last_name,
            case when {{ regex_matches('masked_name', han) }} then masked_name end
        ) as known_last_name
    from lines
),

scripts as (
    select
        record_key,
        {{ fold_to_ascii('middle_name') }} as middle_name,
        name_suffix,
        gender,
        {{ fold_to_ascii('occupation') }} as occupation,
        birth_date,
        email,
        {{ regex_replace("split_part(email, '@', 1)", '[^a-z]') }} as email_letters,
        {{ regex_replace("split_part(email, '@', 1)", '[^0-9]') }} as email_digits,
        phone,
        -- masked as systems mask numbers: the first three digits and the last four stay readable
        case
            when phone like calling_code || '%' and length(phone) - length(calling_code) >= 9
                then
                    left(written_trunk || substr(phone, length(calling_code) + 1), 3)
                    || '*' || right(phone, 4)
            when phone is null then masked_phone
        end as masked_phone,
        single_number_1,
        single_number_2,
        single_number_3,
        other_number,
        postcode,
        {{ fold_to_ascii('city') }} as city,
        {{ fold_to_ascii('region') }} as region,
        {{ fold_to_ascii('birth_place') }} as birth_place,
        {{ fold_to_ascii('address_parts') }} as address_parts,
        {{ fold_to_ascii(fold_name(regex_replace('first_line', '[0-9]+'))) }} as street,
        case
            when {{ regex_matches('first_line', '[0-9]') }}
                then {{ regex_replace('first_line', '^[^0-9]*([0-9]+).*$', '{1}') }}
        end as house_number,
        {{ fold_to_ascii('known_first_name') }} as first_name,
        {{ fold_to_ascii('known_last_name') }} as last_name,
        coalesce({{ regex_matches('known_first_name', han) }}, false) as has_han_first_name,
        coalesce({{ regex_matches('known_last_name', han) }}, false) as has_han_last_name
    from shown
),

final as (
    select
        -- keys
        scripts.record_key,

        -- attributes
        {{ match_name_columns('scripts', 'first_name', 'last_name') }},
        -- the same in a column of first names
        case
            when
                scripts.middle_name not in (
                    'al', 'da', 'das', 'de', 'dela', 'delas', 'del', 'della', 'delos', 'den', 'der',
                    'di', 'do', 'dos', 'du', 'el', 'la', 'le', 'ten', 'ter', 'van', 'vande',
                    'vanden', 'vander', 'von', 'vonder', 'zu'
                )
                then scripts.middle_name
        end as middle_name,
        scripts.name_suffix,
        scripts.birth_date,
        scripts.birth_place,
        scripts.gender,
        scripts.occupation,
        scripts.email,
        scripts.email_letters,
        scripts.email_digits,
        scripts.phone,
        scripts.masked_phone,
        scripts.street || ' ' || scripts.house_number as address,
        scripts.street,
        scripts.house_number,
        -- the town that an address line repeats is told already
        {{ without_told_parts(
            'scripts.address_parts', ['scripts.city', 'scripts.postcode', 'scripts.region']
        ) }} as address_rest,
        scripts.postcode,
        -- the last three letters are a few houses (BS24 2BF), the last two digits a part of a town
        left(scripts.postcode, greatest(length(scripts.postcode) - 3, 3)) as postcode_area,
        scripts.city,
        scripts.region,
        scripts.single_number_1,
        scripts.single_number_2,
        scripts.single_number_3,
        scripts.other_number,

        -- flags
        organisations.record_key is not null as is_organisation,
        given_names.name is not null as is_given_name,
        (
            length(scripts.first_name) >= 3
            and contains(scripts.email_letters, scripts.first_name)
        ) or (
            length(scripts.last_name) >= 3
            and contains(scripts.email_letters, scripts.last_name)
        )
        or {{ text_similarity('scripts.email_letters', whole_name) }} >= 0.88
        or {{ text_similarity('scripts.email_letters', whole_name_reversed) }} >= 0.88
            as is_email_of_name
    from scripts
    left join nicknames
        on scripts.first_name = nicknames.name
    left join given_names
        on scripts.first_name = given_names.name
    left join organisations
        on scripts.record_key = organisations.record_key
)

select * from final
