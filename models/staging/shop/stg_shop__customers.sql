with

delivered as (select * from {{ ref('base_shop__customers') }}),

country_names as (select * from {{ ref('country_names') }}),

calling_codes as (select * from {{ ref('country_calling_codes') }}),

gender_words as (select * from {{ ref('gender_words') }}),

customers as (
    select
        delivered.*,
        {{ erased_columns('delivered') }}
    from delivered
),

-- When it was first delivered.
earlier_versions as (
    {{ earlier_versions('customers', 'customer_id') }}
),

final as (
    select
        {{ customer_columns(
            'customers', number='customer_id', registered_at='registered_at',
            lacks=['loyalty_number', 'platform_id', 'organisation_id']
        ) }}
    from customers
    left join country_names
        on lower(customers.country) = country_names.country_name
    left join calling_codes
        on {{ phone_country('customers.country') }} = calling_codes.country_code
    left join gender_words
        on {{ status_word('customers.gender') }} = gender_words.gender_word
    left join earlier_versions
        on customers.customer_id = earlier_versions.customer_id
    where customers.row_status = 'accepted'
)

select * from final
