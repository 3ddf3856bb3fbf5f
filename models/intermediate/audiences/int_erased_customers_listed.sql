with

record_attributes as (select * from {{ ref('int_record_attributes_unioned') }}),

records as (select * from {{ ref('int_records_clustered') }}),

final as (
    select records.customer_id
    from records
    inner join record_attributes
        on records.record_key = record_attributes.record_key
    where record_attributes.is_erased
    group by records.customer_id
)

select * from final
