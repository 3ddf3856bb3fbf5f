{% set customers = staged_models('customers') %}
{% set separator = '\u001f' %}
with

landed_rows as (select * from {{ ref('stg_landing__rows') }}),

{% for system, model in customers.items() %}
    {{ system }}_customers as (select * from {{ ref(model) }}),

{% endfor %}
organisations as (select * from {{ ref('stg_crm__organisations') }}),

identifiers as (select * from {{ ref('stg_crm__identifiers') }}),

-- The places of a row's list; no table has more columns that can be listed.
places as (
    {% for place in range(1, 13) %}
        select {{ place }} as place{{ ' union all' if not loop.last }}
    {% endfor %}
),

listed as (
    select
        landed_rows.system,
        landed_rows.table_name,
        split_part(landed_rows.unreadable_values, '{{ record_separator() }}', places.place)
            as listed_value
    from landed_rows
    cross join places
    where
        landed_rows.row_status = 'accepted'
        and landed_rows.unreadable_values is not null
),

of_columns as (
    select
        system,
        table_name,
        split_part(split_part(listed_value, '{{ separator }}', 1), '_', 1) as reason,
        substr(
            split_part(listed_value, '{{ separator }}', 1),
            length(split_part(split_part(listed_value, '{{ separator }}', 1), '_', 1)) + 2
        ) as column_name,
        split_part(listed_value, '{{ separator }}', 2) as written_value
    from listed
    where listed_value <> ''
),

-- What the records of people may tell in a form that nobody can read. Each staging model is read
-- once.
told_of_people as (
    select 'phone' as column_name
    union all
    select 'email' as column_name
    union all
    select 'country' as column_name
),

-- A national number says nothing where the country is not known.
of_people as (
    {% for system, model in customers.items() %}
        {% set people = system ~ '_customers' %}
        select
            '{{ system }}' as system,
            '{{ model.split("__")[1] }}' as table_name,
            case
                when
                    told_of_people.column_name = 'phone'
                    and {{
                        phone_country(people ~ '.written_country')
                        | replace('country_names.', people ~ '.')
                    }} is null
                    then 'no_country'
                else 'invalid'
            end as reason,
            told_of_people.column_name,
            case told_of_people.column_name
                when 'phone' then {{ people }}.written_phone
                when 'email' then {{ people }}.written_email
                else {{ people }}.written_country
            end as written_value
        from {{ people }}
        cross join told_of_people
        where
            case told_of_people.column_name
                when 'phone'
                    then
                        {{ people }}.written_phone is not null
                        and {{ people }}.phone is null
                        and {{ people }}.masked_phone is null
                when 'email'
                    then {{ people }}.written_email is not null and {{ people }}.email is null
                else
                    {{ people }}.written_country is not null
                    and {{ people }}.country_code is null
            end

        union all

    {% endfor %}
    select
        'crm' as system,
        'organisations' as table_name,
        'invalid' as reason,
        'phone' as column_name,
        written_phone as written_value
    from organisations
    where written_phone is not null and phone is null

    union all

    select
        'crm' as system,
        'identifiers' as table_name,
        'invalid' as reason,
        'identifier_value' as column_name,
        written_value
    from identifiers
    where identifier_value is null
),

all_values as (
    select
        system,
        table_name,
        column_name,
        reason,
        written_value
    from of_columns

    union all

    select
        system,
        table_name,
        column_name,
        reason,
        written_value
    from of_people
),

final as (
    select
        -- keys
        system,
        table_name,
        column_name,
        reason,
        written_value,

        -- measures
        cast(count(*) as bigint) as rows_count
    from all_values
    group by system, table_name, column_name, reason, written_value
)

select * from final
