with

choices as (select * from {{ ref('stg_state__identity_registry') }}),

source_records as (select * from {{ ref('int_source_records_unioned') }}),

ranked as (
    select
        record_id,
        customer_id,
        row_number() over (
            partition by record_id
            order by build_id desc nulls last, customer_id asc nulls last
        ) as choice_rank
    from choices
),

latest as (
    select
        record_id,
        {{ hash_key('record_id') }} as record_key,
        {{ potential_customer_id('record_id') }} as potential_customer_id,
        customer_id
    from ranked
    where choice_rank = 1
),

published_ids as (
    select
        customer_id,
        min(build_id) as first_build_id
    from choices
    group by customer_id
),

current_ids as (
    select customer_id
    from latest
    group by customer_id
),

registry as (
    select max(as_of_date) as registry_date
    from choices
),

final as (
    select
        -- keys
        latest.record_key,
        latest.record_id,
        latest.potential_customer_id,
        latest.customer_id,
        published_ids.first_build_id as own_id_first_build_id,

        -- flags
        current_ids.customer_id is not null as is_own_id_current,
        source_records.record_key is not null as is_present,

        -- dates and timestamps
        registry.registry_date
    from latest
    cross join registry
    left join published_ids
        on latest.potential_customer_id = published_ids.customer_id
    left join current_ids
        on latest.potential_customer_id = current_ids.customer_id
    left join source_records
        on latest.record_key = source_records.record_key
)

select * from final
