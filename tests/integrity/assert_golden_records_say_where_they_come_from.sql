with

customers as (select * from {{ ref('dim_customers') }}),

sources as (select * from {{ ref('customer_attribute_sources') }}),

identities as (select * from {{ ref('bridge_customer_identities') }}),

told as (
    {% for attribute, column in {
        'name': 'full_name', 'email': 'email', 'phone': 'phone', 'birth_date': 'birth_date', 'gender': 'gender',
        'loyalty_number': 'loyalty_number', 'platform_id': 'platform_id', 'occupation': 'occupation',
        'education': 'education', 'income_band': 'income_band', 'marital_status': 'marital_status',
        'children_count': 'children_count', 'household_size': 'household_size', 'home': 'home', 'organisation': 'organisation',
        'organisation_id': 'organisation_id',
        'has_email_consent': 'has_email_consent', 'has_sms_consent': 'has_sms_consent'
    }.items() %}
        select
            customer_id,
            '{{ attribute }}' as attribute
        from customers
        where {{ column }} is not null

        union all

    {% endfor %}
    select
        customer_id,
        'address' as attribute
    from customers
    where coalesce(address, city, postcode, region, country_code) is not null
),

final as (
    select
        coalesce(told.customer_id, sources.customer_id) as customer_id,
        coalesce(told.attribute, sources.attribute) as attribute
    from told
    full outer join sources
        on
            told.customer_id = sources.customer_id
            and told.attribute = sources.attribute
    left join identities
        on
            sources.record_id = identities.record_id
            and sources.customer_id = identities.customer_id
    where
        told.customer_id is null
        or sources.customer_id is null
        or identities.record_id is null
)

select * from final
