{#- A flat within a house: 301室, 3-1201, Apt 5, Unit 12, #7; a second number stands beside it. -#}
{% set flat =
    '[0-9a-z](室|户|房)|单元[0-9]|[号楼栋幢座][0-9]+-[0-9]|[0-9]-[0-9]+-[0-9]'
    ~ '|(apt|apartment|flat|unit|suite|appt|wohnung|whg)[ .:#]*[0-9]|#[ ]?[0-9]'
%}
with

record_attributes as (select * from {{ ref('int_record_attributes_unioned') }}),

identifiers as (select * from {{ ref('int_identifiers_unioned') }}),

identifier_values as (select * from {{ ref('int_identifier_values_judged') }}),

app_events as (select * from {{ ref('int_events_sessioned') }}),

-- What a placeholder, a switchboard or very many records have says nothing of who belongs together.
told_values as (
    select
        identifiers.record_key,
        identifiers.identifier_type as relation_key,
        identifiers.identifier_value as key_value
    from identifiers
    inner join identifier_values
        on
            identifiers.identifier_type = identifier_values.identifier_type
            and identifiers.identifier_value = identifier_values.identifier_value
    where
        identifiers.identifier_type in ('phone', 'email', 'device')
        and not identifiers.is_superseded
        and identifier_values.identifier_status not in ('blocked', 'quarantined')
),

device_values as (
    select
        record_key,
        'device' as relation_key,
        native_device_id as key_value
    from app_events
    where
        is_session_start
        and record_key is not null
        and native_device_id is not null
    group by record_key, native_device_id
),

-- An address without a number is that of a street, and a masked one is nobody's.
addresses as (
    select
        record_key,
        {{ folded_address('address', 'city') }} as key_value,
        {{ regex_matches(lower_text('address'), flat) }}
        and {{ regex_matches('address', '[0-9][^0-9]+[0-9]') }} as is_flat
    from record_attributes
    where
        {{ regex_matches('address', '[0-9]') }}
        and not {{ regex_matches('address', '[*]') }}
),

all_values as (
    select
        record_key,
        relation_key,
        key_value,
        false as is_flat
    from told_values

    union all

    select
        record_key,
        relation_key,
        key_value,
        false as is_flat
    from device_values

    union all

    select
        record_key,
        'address' as relation_key,
        key_value,
        is_flat
    from addresses

    union all

    select
        record_key,
        'organisation' as relation_key,
        organisation_id as key_value,
        false as is_flat
    from record_attributes
),

final as (
    select
        -- keys
        record_key,
        relation_key,
        key_value,

        -- flags
        bool_or(is_flat) as is_flat
    from all_values
    where key_value is not null
    group by record_key, relation_key, key_value
)

select * from final
