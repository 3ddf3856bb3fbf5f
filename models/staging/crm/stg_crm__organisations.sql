with

organisations as (select * from {{ ref('base_crm__organisations') }}),

country_names as (select * from {{ ref('country_names') }}),

calling_codes as (select * from {{ ref('country_calling_codes') }}),

final as (
    select
        -- keys
        organisations.organisation_id as native_organisation_id,
        organisations.parent_organisation_id as parent_native_organisation_id,

        -- attributes
        organisations.name as organisation_name,
        {{ regex_replace('lower(organisations.kind)', '[ -]+', '_') }} as organisation_kind,
        lower(organisations.industry) as industry,
        organisations.size_band,
        organisations.phone as written_phone,
        {{ normalise_phone(
            'organisations.phone', 'calling_codes.calling_code', 'calling_codes.trunk_prefix',
            'calling_codes.shortest_number', 'calling_codes.longest_number'
        ) }} as phone,
        {{ normalise_email('organisations.email') }} as email,
        replace(lower(organisations.mail_domain), '@', '') as mail_domain,
        country_names.country_code,
        organisations.region,
        organisations.city,
        organisations.address,
        organisations.postcode,

        -- dates and timestamps
        organisations.created_at,
        organisations.updated_at
    from organisations
    left join country_names
        on lower(organisations.country) = country_names.country_name
    left join calling_codes
        on {{ phone_country('organisations.country') }} = calling_codes.country_code
    where organisations.row_status = 'accepted'
)

select * from final
