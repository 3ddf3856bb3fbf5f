with

organisations as (select * from {{ ref('int_organisations_unioned') }}),

identifier_values as (select * from {{ ref('int_identifier_values_judged') }}),

edges as (select * from {{ ref('int_identity_edges') }}),

customers as (select * from {{ ref('dim_customers') }}),

organisation_values as (
    select
        'phone' as identifier_type,
        phone as identifier_value
    from organisations
    where phone is not null

    union

    select
        'email' as identifier_type,
        email as identifier_value
    from organisations
    where email is not null
),

holders as (
    select
        cast(edges.record_key as string) as holder_id,
        identifier_values.identifier_type,
        identifier_values.identifier_value
    from edges
    inner join identifier_values
        on edges.identifier_key = identifier_values.identifier_key

    union all

    select
        customer_id as holder_id,
        'phone' as identifier_type,
        phone as identifier_value
    from customers

    union all

    select
        customer_id as holder_id,
        'email' as identifier_type,
        email as identifier_value
    from customers
),

final as (
    select
        holders.holder_id,
        holders.identifier_type
    from holders
    inner join organisation_values
        on
            holders.identifier_type = organisation_values.identifier_type
            and holders.identifier_value = organisation_values.identifier_value
)

select * from final
