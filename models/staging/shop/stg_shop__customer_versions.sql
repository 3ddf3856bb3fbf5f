with

delivered as (select * from {{ ref('base_shop__customers') }}),

country_names as (select * from {{ ref('country_names') }}),

calling_codes as (select * from {{ ref('country_calling_codes') }}),

customers as (
    select
        delivered.*,
        {{ erased_columns('delivered') }}
    from delivered
),

-- Most records came in one version, which says nothing of an earlier one.
earlier_versions as (
    {{ earlier_versions('customers', 'customer_id') }}
),

final as (
    select
        {{ version_columns('customers', number='customer_id') }}
    from customers
    inner join earlier_versions
        on customers.customer_id = earlier_versions.customer_id
    left join country_names
        on lower(customers.country) = country_names.country_name
    left join calling_codes
        on {{ phone_country('customers.country') }} = calling_codes.country_code
    where
        customers.row_status in ('accepted', 'superseded', 'deleted')
        and customers.doubt is null
)

select * from final
