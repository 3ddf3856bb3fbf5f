with

identifiers as (select * from {{ ref('base_crm__identifiers') }}),

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
            -- only a number that names its country, because the country of the person is unknown
            when lower(identifier_type) = 'phone'
                then {{ normalise_phone(
                    'identifier_value', 'cast(null as string)', 'cast(null as string)',
                    'cast(null as integer)', 'cast(null as integer)'
                ) }}
            else identifier_value
        end as identifier_value,
        lower(issuer) as issuer,

        -- dates and timestamps
        updated_at
    from identifiers
    where row_status = 'accepted'
)

select * from final
