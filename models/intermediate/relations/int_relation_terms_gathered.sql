{% set han = '[\u4e00-\u9fff]' %}
with

records as (select * from {{ ref('int_records_clustered') }}),

record_attributes as (select * from {{ ref('int_record_attributes_unioned') }}),

described as (
    select
        records.customer_id,
        {{ fold_to_ascii('record_attributes.folded_first_name') }} as first_name,
        -- a masked name shows the family name in Chinese, and only a first letter in other scripts
        coalesce(
            {{ fold_to_ascii('record_attributes.folded_last_name') }},
            case
                when {{ regex_matches('record_attributes.masked_name', han) }}
                    then record_attributes.masked_name
            end
        ) as family_name,
        cast(record_attributes.birth_date as string) as birth_date,
        {{ folded_city('record_attributes.city') }} as city,
        coalesce(
            record_attributes.organisation_id, {{ fold_name('record_attributes.organisation') }}
        ) as organisation
    from records
    inner join record_attributes
        on records.record_key = record_attributes.record_key
),

terms as (
    {% for term in ['first_name', 'family_name', 'birth_date', 'city', 'organisation'] %}
        select
            customer_id,
            '{{ term }}' as term,
            {{ term }} as term_value
        from described
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

final as (
    select
        -- keys
        customer_id,
        term,
        term_value
    from terms
    where term_value is not null
    group by customer_id, term, term_value
)

select * from final
