with

receipts as (select * from {{ ref('base_pos__receipts') }}),

final as (
    select
        -- keys
        receipt_id as native_order_id,
        member_id as native_customer_id,
        original_receipt_id as original_native_order_id,
        store_id as native_store_id,

        -- attributes
        'sale' as order_type,
        cast(null as string) as status_word,
        cast(null as string) as status,
        currency,
        coupon_code,
        payment_method,

        -- measures
        gross_amount as header_gross_amount_local,
        discount_amount as header_discount_amount_local,
        net_amount as header_net_amount_local,

        -- flags
        -- a till prints the receipt when the money has changed hands
        true as is_paid_by_status,
        voided_at is not null as is_cancelled,

        -- dates and timestamps
        issued_at as ordered_at,
        issued_date as ordered_date,
        voided_at as cancelled_at,
        updated_at
    from receipts
    where row_status = 'accepted'
)

select * from final
