with

receipts as (select * from {{ ref('base_pos__receipts') }}),

-- When it was first delivered, and first as voided.
earlier_versions as (
    {{ earlier_versions(
        'receipts', 'receipt_id', {'voided_load_day': 'voided_at is not null'}
    ) }}
),

final as (
    select
        -- keys
        receipts.receipt_id as native_order_id,
        receipts.member_id as native_customer_id,
        receipts.original_receipt_id as original_native_order_id,
        receipts.store_id as native_store_id,
        cast(null as string) as native_seller_id,

        -- attributes
        'sale' as order_type,
        cast(null as string) as order_type_word,
        cast(null as string) as status_word,
        cast(null as string) as status,
        receipts.currency,
        receipts.coupon_code,
        receipts.payment_method,
        cast(null as string) as chosen_payment_method,
        cast(null as string) as delivery_country_code,
        cast(null as string) as delivery_region,
        cast(null as string) as delivery_city,
        cast(null as string) as delivery_address,
        cast(null as string) as delivery_postcode,

        -- measures
        receipts.gross_amount as header_gross_amount_local,
        receipts.discount_amount as header_discount_amount_local,
        receipts.net_amount as header_net_amount_local,
        receipts.shipping_amount as header_shipping_amount_local,
        receipts.tax_amount as header_tax_amount_local,
        receipts.tip_amount as header_tip_amount_local,

        -- flags
        -- a till prints the receipt when the money has changed hands
        true as is_paid_by_status,
        receipts.voided_at is not null as is_cancelled,
        coalesce(receipts.prices_include_tax, false) as prices_include_tax,
        coalesce(receipts.is_test, false) as is_test,

        -- dates and timestamps
        receipts.issued_at as ordered_at,
        receipts.issued_date as ordered_date,
        receipts.voided_at as cancelled_at,
        cast(null as timestamp) as approved_at,
        cast(null as timestamp) as shipped_at,
        cast(null as timestamp) as delivered_at,
        cast(null as timestamp) as promised_at,
        receipts.updated_at,
        cast(null as date) as refunded_date,
        {{ first_load_date('receipts._load_date', 'earlier_versions.first_load_day') }}
            as first_load_date,
        {{ first_load_date('receipts._load_date', 'earlier_versions.first_load_day') }}
            as paid_load_date,
        {{ first_load_date(
            'receipts._load_date', 'earlier_versions.voided_load_day',
            said='receipts.voided_at is not null'
        ) }} as cancelled_load_date,
        cast(null as date) as refunded_load_date
    from receipts
    left join earlier_versions
        on receipts.receipt_id = earlier_versions.receipt_id
    where receipts.row_status = 'accepted'
)

select * from final
