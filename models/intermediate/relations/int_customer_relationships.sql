with

as_of as (select * from {{ ref('int_as_of') }}),

relationships as (select * from {{ ref('stg_crm__relationships') }}),

records as (select * from {{ ref('int_records_clustered') }}),

final as (
    select
        -- keys
        relationships.relationship_id,
        records.record_key,
        related_records.record_key as related_record_key,
        records.customer_id,
        related_records.customer_id as related_customer_id,

        -- attributes
        relationships.relationship_kind,
        relationships.source,

        -- flags
        records.customer_id = related_records.customer_id as is_same_customer,

        -- dates and timestamps
        relationships.since_date,
        relationships.created_at
    from relationships
    inner join as_of
        on
            relationships.created_at is null
            or {{ business_date('relationships.created_at') }} <= as_of.as_of_date
    inner join records
        on
            relationships.system = records.system
            and relationships.native_customer_id = records.native_customer_id
    inner join records as related_records
        on
            relationships.related_system = related_records.system
            and relationships.related_native_customer_id = related_records.native_customer_id
)

select * from final
