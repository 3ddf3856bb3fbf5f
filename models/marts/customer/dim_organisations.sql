with

organisations as (select * from {{ ref('int_organisations_unioned') }}),

records as (select * from {{ ref('int_records_clustered') }}),

record_attributes as (select * from {{ ref('int_record_attributes_unioned') }}),

customers as (select * from {{ ref('dim_customers') }}),

orders as (select * from {{ ref('fct_orders') }}),

contacts as (
    select
        record_attributes.organisation_id,
        count(*) as contacts_count
    from record_attributes
    inner join records
        on record_attributes.record_key = records.record_key
    where record_attributes.organisation_id is not null
    group by record_attributes.organisation_id
),

orders_of_customers as (
    select
        customer_id,
        count(*) filter (where order_type <> 'return') as orders_count,
        sum(realised_amount) as realised_amount
    from orders
    where customer_id is not null
    group by customer_id
),

-- A customer counts for one organisation: the one of the golden record.
purchases as (
    select
        customers.organisation_id,
        count(*) as customers_count,
        sum(orders_of_customers.orders_count) as orders_count,
        sum(orders_of_customers.realised_amount) as realised_amount
    from customers
    left join orders_of_customers
        on customers.customer_id = orders_of_customers.customer_id
    where customers.organisation_id is not null
    group by customers.organisation_id
),

final as (
    select
        -- keys
        organisations.organisation_id,
        organisations.parent_organisation_id,
        organisations.system,

        -- attributes
        organisations.organisation_name,
        organisations.organisation_kind,
        organisations.industry,
        organisations.size_band,
        organisations.phone as switchboard_phone,
        organisations.email as general_email,
        organisations.mail_domain,
        organisations.country_code,
        organisations.region,
        organisations.city,
        organisations.address,
        organisations.postcode,

        -- measures
        coalesce(contacts.contacts_count, 0) as contacts_count,
        coalesce(purchases.customers_count, 0) as customers_count,
        cast(coalesce(purchases.orders_count, 0) as bigint) as orders_count,
        cast(coalesce(purchases.realised_amount, 0) as decimal(38, 4)) as realised_amount,

        -- flags
        organisations.is_inferred,

        -- dates and timestamps
        organisations.created_at
    from organisations
    left join contacts
        on organisations.organisation_id = contacts.organisation_id
    left join purchases
        on organisations.organisation_id = purchases.organisation_id
)

select * from final
