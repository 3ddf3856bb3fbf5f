with

as_of as (select * from {{ ref('int_as_of') }}),

record_attributes as (select * from {{ ref('int_record_attributes_unioned') }}),

orders as (select * from {{ ref('int_orders_seen') }}),

payments as (select * from {{ ref('int_payments_valued') }}),

events as (select * from {{ ref('stg_app__events') }}),

known as (
    select
        record_attributes.system,
        record_attributes.native_customer_id,
        record_attributes.registered_at as seen_at,
        {{ business_date('record_attributes.registered_at') }} as seen_date,
        record_attributes.first_load_date as load_date
    from record_attributes
    inner join as_of
        on
            record_attributes.registered_at is null
            or {{ business_date('record_attributes.registered_at') }} <= as_of.as_of_date
),

-- A customer number that only a fact names, such as an order, is a record too.
seen_in_facts as (
    select
        system,
        native_customer_id,
        ordered_at as seen_at,
        ordered_date as seen_date,
        first_load_date as load_date
    from orders
    where native_customer_id is not null

    union all

    select
        system,
        native_customer_id,
        paid_at as seen_at,
        paid_date as seen_date,
        first_load_date as load_date
    from payments
    where native_customer_id is not null

    union all

    -- customers log in to the app with their account of the shop
    select
        'shop' as system,
        events.native_customer_id,
        events.occurred_at as seen_at,
        events.occurred_date as seen_date,
        events.load_date
    from events
    inner join as_of
        on events.occurred_date <= as_of.as_of_date
    where events.native_customer_id is not null
),

sightings as (
    select
        system,
        native_customer_id,
        seen_at,
        seen_date,
        load_date,
        1 as is_known
    from known

    union all

    select
        system,
        native_customer_id,
        seen_at,
        seen_date,
        load_date,
        0 as is_known
    from seen_in_facts
),

records as (
    select
        system,
        native_customer_id,
        min(seen_at) as first_seen_at,
        min(greatest(seen_date, load_date)) as first_known_date,
        max(is_known) = 0 as is_inferred,
        bool_and(load_date is not null) as has_load_dates
    from sightings
    group by system, native_customer_id
),

final as (
    select
        -- keys
        {{ hash_key("system || ':' || native_customer_id") }} as record_key,
        system || ':' || native_customer_id as record_id,
        system,
        native_customer_id,
        -- the id of the record's customer if this record is the anchor
        'c' || substr(md5(system || ':' || native_customer_id), 1, 15) as potential_customer_id,

        -- flags
        is_inferred,
        has_load_dates,

        -- dates and timestamps
        first_seen_at,
        first_known_date
    from records
)

select * from final
