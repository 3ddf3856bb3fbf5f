with

records as (select * from {{ ref('int_records_clustered') }}),

record_attributes as (select * from {{ ref('int_record_attributes_unioned') }}),

-- Of the records that name somebody else as their inviter, the earliest decides.
ranked as (
    select
        records.customer_id,
        inviters.customer_id as inviter_customer_id,
        records.first_seen_at as invited_record_seen_at,
        row_number() over (
            partition by records.customer_id
            order by records.first_seen_at asc nulls last, records.record_id asc nulls last
        ) as inviter_rank
    from records
    inner join record_attributes
        on records.record_key = record_attributes.record_key
    inner join records as inviters
        on record_attributes.inviter_record_key = inviters.record_key
    where records.customer_id <> inviters.customer_id
),

final as (
    select
        -- keys
        customer_id,
        inviter_customer_id,

        -- dates and timestamps
        invited_record_seen_at
    from ranked
    where inviter_rank = 1
)

select * from final
