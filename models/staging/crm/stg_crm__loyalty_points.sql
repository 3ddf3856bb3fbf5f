with

loyalty_points as (select * from {{ ref('base_crm__loyalty_points') }}),

final as (
    select
        -- keys
        entry_id,
        lower(system) as system,
        native_id as native_customer_id,
        order_id as native_order_id,

        -- attributes
        case
            when lower(kind) in ('earn', 'spend', 'expire', 'adjust') then lower(kind)
            else 'other'
        end as entry_kind,
        kind as written_kind,

        -- measures
        -- points that go are delivered with or without a sign; an earning below zero takes back
        case
            when lower(kind) in ('spend', 'expire') then cast(-abs(points) as decimal(38, 4))
            else points
        end as points,

        -- dates and timestamps
        occurred_at,
        occurred_date,
        expires_at,
        updated_at
    from loyalty_points
    where row_status = 'accepted'
)

select * from final
