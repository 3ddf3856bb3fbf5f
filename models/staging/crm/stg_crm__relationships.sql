with

relationships as (select * from {{ ref('base_crm__relationships') }}),

final as (
    select
        -- keys
        relationship_id,
        lower(system) as system,
        native_id as native_customer_id,
        lower(related_system) as related_system,
        related_native_id as related_native_customer_id,

        -- attributes
        case
            when lower(kind) in ('family', 'friend', 'colleague') then lower(kind)
            else 'other'
        end as relationship_kind,
        kind as written_kind,
        source,

        -- dates and timestamps
        since as since_date,
        created_at,
        updated_at
    from relationships
    where row_status = 'accepted'
)

select * from final
