with

surveys as (select * from {{ ref('base_crm__surveys') }}),

final as (
    select
        -- keys
        survey_id,
        lower(system) as system,
        native_id as native_customer_id,
        order_id as native_order_id,

        -- attributes
        case
            when lower(kind) in ('nps', 'csat') then lower(kind)
            else 'other'
        end as survey_kind,
        kind as written_kind,
        answer,

        -- measures
        score,

        -- dates and timestamps
        asked_at,
        asked_date,
        answered_at,
        updated_at
    from surveys
    where row_status = 'accepted'
)

select * from final
