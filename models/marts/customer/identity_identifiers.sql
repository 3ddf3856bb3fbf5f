with

identifiers as (select * from {{ ref('int_identifiers_unioned') }}),

identifier_values as (select * from {{ ref('int_identifier_values_judged') }}),

records as (select * from {{ ref('int_records_clustered') }}),

final as (
    select
        -- keys
        records.record_id,
        cast(identifier_values.identifier_key as string) as identifier_id,

        -- attributes
        identifiers.identifier_type,
        identifier_values.identifier_label,
        identifier_values.identifier_status,
        identifier_values.reason,

        -- measures
        identifier_values.records_count,

        -- flags
        identifiers.is_superseded
    from identifiers
    inner join identifier_values
        on
            identifiers.identifier_type = identifier_values.identifier_type
            and identifiers.identifier_value = identifier_values.identifier_value
    inner join records
        on identifiers.record_key = records.record_key
)

select * from final
