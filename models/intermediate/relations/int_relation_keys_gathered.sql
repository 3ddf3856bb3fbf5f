with

records as (select * from {{ ref('int_records_clustered') }}),

record_values as (select * from {{ ref('int_record_values_gathered') }}),

final as (
    select
        -- keys
        records.customer_id,
        record_values.relation_key,
        record_values.key_value,

        -- flags
        bool_or(record_values.is_flat) as is_flat,

        -- dates and timestamps
        min(records.first_seen_at) as first_seen_at
    from record_values
    inner join records
        on record_values.record_key = records.record_key
    group by records.customer_id, record_values.relation_key, record_values.key_value
)

select * from final
