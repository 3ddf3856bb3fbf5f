with

source_records as (select * from {{ ref('int_source_records_unioned') }}),

records as (select * from {{ ref('int_records_clustered') }}),

final as (
    select
        -- keys
        source_records.potential_customer_id as alias_customer_id,
        records.customer_id,
        records.record_id,

        -- flags
        records.is_anchor as is_current
    from source_records
    inner join records
        on source_records.record_key = records.record_key
)

select * from final
