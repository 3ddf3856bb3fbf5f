with

source_records as (select * from {{ ref('int_source_records_unioned') }}),

records as (select * from {{ ref('int_records_clustered') }}),

registered as (select * from {{ ref('int_customer_ids_registered') }}),

customers as (
    select customer_id
    from records
    group by customer_id
),

delivered as (
    select
        source_records.potential_customer_id as alias_customer_id,
        records.customer_id,
        records.record_id
    from source_records
    inner join records
        on source_records.record_key = records.record_key
),

-- Of the records that were published with a customer, the first one that is still delivered shows
-- which customer it is now.
heirs as (
    select
        registered.customer_id as former_customer_id,
        records.customer_id,
        row_number() over (
            partition by registered.customer_id
            order by
                records.first_seen_at asc nulls last,
                records.system asc nulls last,
                records.native_customer_id asc nulls last
        ) as heir_rank
    from registered
    inner join records
        on registered.record_key = records.record_key
),

-- Ids of records that are no longer delivered. A customer may still have such an id. Otherwise the
-- id leads to what became of the customer that the record was last published with; if no record of
-- that customer is delivered any more, it leads nowhere.
vanished as (
    select
        registered.potential_customer_id as alias_customer_id,
        coalesce(
            own.customer_id, customers.customer_id, delivered.customer_id, heirs.customer_id
        ) as customer_id,
        registered.record_id
    from registered
    left join customers as own
        on registered.potential_customer_id = own.customer_id
    left join customers
        on registered.customer_id = customers.customer_id
    left join delivered
        on registered.customer_id = delivered.alias_customer_id
    left join heirs
        on
            registered.customer_id = heirs.former_customer_id
            and heirs.heir_rank = 1
    where not registered.is_present
),

aliases as (
    select
        alias_customer_id,
        customer_id,
        record_id
    from delivered

    union all

    select
        alias_customer_id,
        customer_id,
        record_id
    from vanished
    where customer_id is not null
),

final as (
    select
        -- keys
        alias_customer_id,
        customer_id,
        record_id,

        -- flags
        alias_customer_id = customer_id as is_current
    from aliases
)

select * from final
