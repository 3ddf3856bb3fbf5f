with

identifiers as (select * from {{ ref('base_crm__identifiers') }}),

calling_codes as (select * from {{ ref('country_calling_codes') }}),

final as (
    select
        -- keys
        lower(identifiers.system) as system,
        identifiers.native_id as native_customer_id,

        -- attributes
        {{ regex_replace('lower(identifiers.identifier_type)', '[ -]+', '_') }} as identifier_type,
        identifiers.identifier_value as written_value,
        case
            when lower(identifiers.identifier_type) = 'email'
                then {{ normalise_email('identifiers.identifier_value') }}
            -- the country of the person is unknown: a national number is one of PORTRAIT_COUNTRY
            when lower(identifiers.identifier_type) = 'phone'
                then {{ normalise_phone(
                    'identifiers.identifier_value', 'calling_codes.calling_code', 'calling_codes.trunk_prefix',
                    'calling_codes.shortest_number', 'calling_codes.longest_number'
                ) }}
            else identifiers.identifier_value
        end as identifier_value,
        lower(identifiers.issuer) as issuer,

        -- dates and timestamps
        identifiers.updated_at
    from identifiers
    left join calling_codes
        on calling_codes.country_code = '{{ setting('country') }}'
    where identifiers.row_status = 'accepted'
)

select * from final
