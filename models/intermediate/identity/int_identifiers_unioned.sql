with

source_records as (select * from {{ ref('int_source_records_unioned') }}),

record_attributes as (select * from {{ ref('int_record_attributes_unioned') }}),

crm_identifiers as (select * from {{ ref('stg_crm__identifiers') }}),

identifier_types as (select * from {{ ref('identifier_types') }}),

contact_values as (select * from {{ ref('int_contact_values_held') }}),

-- The numbers of an authority are written with and without blanks, dashes and "No." before them.
crm_identifiers_written_alike as (
    select
        crm_identifiers.*,
        case
            when identifier_types.uniqueness = 'one_per_person'
                then upper({{ fold_name(regex_replace(
                    lower_text('crm_identifiers.identifier_value'), '^ *((no|nr|num|number)[.: ]+|n°|№|#)'
                )) }})
            else crm_identifiers.identifier_value
        end as unpunctuated_value
    from crm_identifiers
    left join identifier_types
        on crm_identifiers.identifier_type = identifier_types.identifier_type
),

told as (
    {% for identifier_type in ['loyalty_number', 'platform_id', 'email', 'phone'] %}
        select
            record_key,
            '{{ identifier_type }}' as identifier_type,
            {{ identifier_type }} as identifier_value,
            least(registered_at, updated_at) as held_from
        from record_attributes
        where {{ identifier_type }} is not null

        union all

    {% endfor %}
    select
        source_records.record_key,
        crm_identifiers.identifier_type,
        -- a number of another issuer is unique only together with its issuer
        case
            when crm_identifiers.identifier_type = 'record'
                then
                    {{ key_part('crm_identifiers.issuer') }} || ':'
                    || crm_identifiers.identifier_value
            when
                coalesce(identifier_types.strength, 'weak') = 'weak'
                or identifier_types.identifier_type in ('email', 'phone')
                or crm_identifiers.issuer is null
                or crm_identifiers.issuer = identifier_types.issuer
                then crm_identifiers.unpunctuated_value
            else
                {{ key_part('crm_identifiers.issuer') }} || ':'
                || crm_identifiers.unpunctuated_value
        end as identifier_value,
        crm_identifiers.updated_at as held_from
    from crm_identifiers_written_alike as crm_identifiers
    inner join source_records
        on
            crm_identifiers.system = source_records.system
            and crm_identifiers.native_customer_id = source_records.native_customer_id
    left join identifier_types
        on crm_identifiers.identifier_type = identifier_types.identifier_type
    -- an alias is a name
    where crm_identifiers.identifier_type <> 'alias'
),

named_records as (
    select identifier_value as record_id
    from told
    where
        identifier_type = 'record'
        and identifier_value is not null
    group by identifier_value
),

-- The account that another record names gets its own number as an identifier, so that the two
-- records share it.
held as (
    select
        record_key,
        identifier_type,
        identifier_value,
        held_from
    from told

    union all

    select
        source_records.record_key,
        'record' as identifier_type,
        source_records.record_id as identifier_value,
        cast(null as timestamp) as held_from
    from source_records
    inner join named_records
        on source_records.record_id = named_records.record_id
),

held_now as (
    select
        held.record_key,
        held.identifier_type,
        held.identifier_value,
        min(held.held_from) as held_from
    from held
    inner join source_records
        on held.record_key = source_records.record_key
    where held.identifier_value is not null
    group by held.record_key, held.identifier_type, held.identifier_value
),

-- What only earlier versions of a record tell is evidence of its time.
held_before as (
    select contact_values.*
    from contact_values
    inner join source_records
        on contact_values.record_key = source_records.record_key
    left join held_now
        on
            contact_values.record_key = held_now.record_key
            and contact_values.identifier_type = held_now.identifier_type
            and contact_values.identifier_value = held_now.identifier_value
    where
        contact_values.is_superseded
        and held_now.record_key is null
),

dated as (
    select
        held_now.record_key,
        held_now.identifier_type,
        held_now.identifier_value,
        false as is_superseded,
        coalesce(contact_values.held_from, held_now.held_from) as held_from,
        cast(null as timestamp) as held_until
    from held_now
    left join contact_values
        on
            held_now.record_key = contact_values.record_key
            and held_now.identifier_type = contact_values.identifier_type
            and held_now.identifier_value = contact_values.identifier_value

    union all

    select
        record_key,
        identifier_type,
        identifier_value,
        is_superseded,
        held_from,
        held_until
    from held_before
),

final as (
    select
        -- keys
        record_key,
        identifier_type,
        identifier_value,

        -- flags
        is_superseded,

        -- dates and timestamps
        held_from,
        held_until
    from dated
)

select * from final
