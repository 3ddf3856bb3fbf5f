with

orders as (select * from {{ ref('base_marketplace__orders') }}),

final as (
    select
        -- keys
        order_id || ':refund' as native_payment_id,
        order_id as native_order_id,
        buyer_id as native_customer_id,
        cast(null as string) as product_id,

        -- attributes
        'refund' as payment_type,
        cast(null as string) as status_word,
        'succeeded' as status,
        'platform' as method,
        currency,

        -- measures
        abs(refund_amount) as amount_local,
        cast(null as decimal(18, 4)) as quantity,

        -- flags
        true as is_succeeded,
        false as is_status_unmapped,

        -- dates and timestamps
        coalesce(refunded_at, updated_at, ordered_at) as paid_at,
        case
            when refunded_at is not null then refunded_date
            when updated_at is not null then {{ business_date('updated_at') }}
            else ordered_date
        end as paid_date,
        updated_at
    from orders
    where row_status = 'accepted'
        and refund_amount <> 0
)

select * from final
