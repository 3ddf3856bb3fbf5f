{% set han = '[\u4e00-\u9fff]' %}
{% set kept = [
    'name_suffix', 'birth_date', 'birth_place', 'gender', 'email', 'email_letters', 'email_digits', 'phone',
    'masked_phone', 'address', 'street', 'house_number', 'address_rest', 'postcode', 'postcode_area', 'city',
    'region', 'occupation', 'single_number_1', 'single_number_2', 'single_number_3', 'other_number', 'is_email_of_name'
] %}
{% set most_aliases = 4 %}
with

record_attributes as (select * from {{ ref('int_record_attributes_unioned') }}),

source_records as (select * from {{ ref('int_source_records_unioned') }}),

crm_identifiers as (select * from {{ ref('stg_crm__identifiers') }}),

records as (select * from {{ ref('int_match_records') }}),

nicknames as (select * from {{ ref('match_nicknames') }}),

given_names as (select * from {{ ref('given_names') }}),

told as (
    {% for place in range(1, most_aliases + 1) %}
        select
            record_key,
            split_part(replace(aliases, '；', ';'), ';', {{ place }}) as alias
        from record_attributes
        where aliases is not null

        union all

    {% endfor %}
    select
        source_records.record_key,
        crm_identifiers.identifier_value as alias
    from crm_identifiers
    inner join source_records
        on
            crm_identifiers.system = source_records.system
            and crm_identifiers.native_customer_id = source_records.native_customer_id
    where crm_identifiers.identifier_type = 'alias'
),

cleaned as (
    select
        record_key,
        trim({{ without_name_suffix('alias') }}) as alias
    from told
),

-- Each further name makes more pairs of names, so that a record has no more than a few.
numbered as (
    select
        record_key,
        trim({{ regex_replace('alias', '^' ~ maiden_name_words() ~ '|[()]') }}) as alias,
        {{ regex_matches('alias', '^' ~ maiden_name_words()) }} as is_maiden_name,
        alias like '(%' as is_in_brackets,
        row_number() over (partition by record_key order by alias asc nulls last) as alias_number
    from cleaned
    where alias <> ''
    group by record_key, alias
),

apart as (
    select
        record_key,
        alias_number,
        is_maiden_name,
        is_in_brackets,
        {{ given_name('alias') }} as first_name,
        {{ family_name('alias') }} as last_name,
        alias as whole_name
    from numbered
    where alias_number <= {{ most_aliases }}
),

folded as (
    select
        record_key,
        alias_number,
        is_maiden_name,
        is_in_brackets,
        {{ fold_name('first_name') }} as first_name,
        {{ fold_family_name('last_name') }} as last_name,
        {{ fold_name('whole_name') }} as whole_name
    from apart
),

in_ascii as (
    select
        record_key,
        alias_number,
        is_maiden_name,
        is_in_brackets,
        {{ fold_to_ascii('first_name') }} as first_name,
        {{ fold_to_ascii('last_name') }} as last_name,
        {{ fold_to_ascii('whole_name') }} as whole_name
    from folded
),

-- Which part of a name it is: a name of one word has to be a first name that many people have.
parts as (
    select
        names.*,
        case
            when names.is_maiden_name then 'last'
            when names.first_name is null and lone_names.name is not null then 'first'
            when names.first_name is null then 'none'
            -- of what stands in brackets, only what begins like a name is one
            when
                names.is_in_brackets
                and first_names.name is null
                and not {{ regex_matches('names.first_name', han) }}
                then 'none'
            else 'both'
        end as part
    from in_ascii as names
    left join given_names as lone_names
        on names.whole_name = lone_names.name
    left join given_names as first_names
        on names.first_name = first_names.name
),

-- The other part is that of the record's own name.
completed as (
    select
        records.*,
        parts.alias_number,
        case parts.part
            when 'both' then parts.first_name
            when 'first' then parts.whole_name
            else coalesce(records.han_given_name, records.first_name)
        end as alias_first_name,
        case parts.part
            when 'both' then parts.last_name
            when 'last' then parts.whole_name
            else coalesce(records.han_family_name, records.last_name)
        end as alias_last_name
    from parts
    inner join records
        on parts.record_key = records.record_key
    where parts.part <> 'none'
),

-- A name that the record has anyway, or that it was told twice, is no further one.
further as (
    select
        *,
        row_number() over (
            partition by record_key, alias_first_name, alias_last_name
            order by alias_number asc nulls last
        ) as times_told
    from completed
    where
        coalesce(alias_last_name, '') <> coalesce(han_family_name, last_name, '')
        or coalesce(alias_first_name, '') not in (
            coalesce(han_given_name, first_name, ''),
            coalesce(first_name || middle_name, han_given_name, first_name, '')
        )
),

scripts as (
    select
        *,
        coalesce({{ regex_matches('alias_first_name', han) }}, false) as has_han_first_name,
        coalesce({{ regex_matches('alias_last_name', han) }}, false) as has_han_last_name
    from further
    where times_told = 1
),

final as (
    select
        -- keys
        scripts.record_key,
        scripts.alias_number,

        -- attributes
        {{ match_name_columns('scripts', 'alias_first_name', 'alias_last_name') }},
        cast(null as string) as middle_name,
        {% for column in kept %}
            scripts.{{ column }},
        {% endfor %}

        -- flags
        given_names.name is not null as is_given_name
    from scripts
    left join nicknames
        on scripts.alias_first_name = nicknames.name
    left join given_names
        on scripts.alias_first_name = given_names.name
)

select * from final
