{% set systems = staged_models('organisations') %}
{% set attributes = [
    'organisation_name', 'organisation_kind', 'industry', 'size_band', 'phone', 'email', 'mail_domain', 'country_code',
    'region', 'city', 'address', 'postcode'
] %}
with

{% for system, model in systems.items() %}
    {{ system }}_organisations as (select * from {{ ref(model) }}),

{% endfor %}
source_records as (select * from {{ ref('int_source_records_unioned') }}),

record_attributes as (select * from {{ ref('int_record_attributes_unioned') }}),

listed as (
    {% for system in systems %}
        select
            '{{ system }}:' || native_organisation_id as organisation_id,
            '{{ system }}:' || parent_native_organisation_id as parent_organisation_id,
            '{{ system }}' as system,
            {% for attribute in attributes %}
                {{ attribute }},
            {% endfor %}
            created_at
        from {{ system }}_organisations
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

named as (
    select
        record_attributes.organisation_id,
        record_attributes.system
    from source_records
    inner join record_attributes
        on source_records.record_key = record_attributes.record_key
    where record_attributes.organisation_id is not null

    union all

    select
        parent_organisation_id as organisation_id,
        system
    from listed
    where parent_organisation_id is not null
),

-- Organisations that only a contact or a subsidiary names.
inferred as (
    select
        named.organisation_id,
        named.system
    from named
    left join listed
        on named.organisation_id = listed.organisation_id
    where listed.organisation_id is null
    group by named.organisation_id, named.system
),

final as (
    select
        -- keys
        organisation_id,
        parent_organisation_id,
        system,

        -- attributes
        {% for attribute in attributes %}
            {{ attribute }},
        {% endfor %}

        -- flags
        false as is_inferred,

        -- dates and timestamps
        created_at
    from listed

    union all

    select
        organisation_id,
        cast(null as string) as parent_organisation_id,
        system,
        {% for attribute in attributes %}
            cast(null as string) as {{ attribute }},
        {% endfor %}
        true as is_inferred,
        cast(null as timestamp) as created_at
    from inferred
)

select * from final
