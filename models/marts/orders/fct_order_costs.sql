with

fees as (select * from {{ ref('int_order_fees_valued') }}),

final as (
    select
        -- keys
        cost_id,
        order_id,
        system,

        -- attributes
        fee_type as cost_type,
        currency,

        -- measures
        amount,
        amount_local,
        fx_rate,

        -- dates and timestamps
        charged_at,
        charged_date
    from fees
)

select * from final
