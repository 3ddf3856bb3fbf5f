with

delivered as (select * from {{ ref('base_crm__contacts') }}),

country_names as (select * from {{ ref('country_names') }}),

calling_codes as (select * from {{ ref('country_calling_codes') }}),

contacts as (
    select
        delivered.*,
        {{ erased_columns('delivered') }}
    from delivered
),

-- Most records came in one version, which says nothing of an earlier one.
earlier_versions as (
    {{ earlier_versions('contacts', 'contact_id') }}
),

final as (
    select
        {{ version_columns('contacts', number='contact_id') }}
    from contacts
    inner join earlier_versions
        on contacts.contact_id = earlier_versions.contact_id
    left join country_names
        on lower(contacts.country) = country_names.country_name
    left join calling_codes
        on {{ phone_country('contacts.country') }} = calling_codes.country_code
    where
        contacts.row_status in ('accepted', 'superseded', 'deleted')
        and contacts.doubt is null
)

select * from final
