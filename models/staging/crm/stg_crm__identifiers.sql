with

identifiers as (select * from {{ ref('base_crm__identifiers') }}),

calling_codes as (select * from {{ ref('country_calling_codes') }}),

final as (
    select
        -- keys
        lower(system) as system,
        native_id as native_customer_id,

        -- attributes
        {{ regex_replace('lower(identifier_type)', '[ -]+', '_') }} as identifier_type,
        identifier_value as written_value,
        case
            when lower(identifier_type) = 'email' then {{ normalise_email('identifier_value') }}
            -- the country of the person is unknown: a national number is one of the setting PORTRAIT_COUNTRY, if there is one
            when lower(identifier_type) = 'phone'
                then {{ normalise_phone(
                    'identifier_value', 'calling_codes.calling_code', 'calling_codes.trunk_prefix',
                    'calling_codes.shortest_number', 'calling_codes.longest_number'
                ) }}
            else identifier_value
        end as identifier_value,
        lower(issuer) as issuer,

        -- dates and timestamps
        updated_at
    from identifiers
    left join calling_codes
        on calling_codes.country_code = '{{ setting('country') }}'
    where row_status = 'accepted'
)

select * from final
