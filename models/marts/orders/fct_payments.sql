with

payments as (select * from {{ ref('int_payments_valued') }}),

refunds as (select * from {{ ref('int_refunds_parted') }}),

orders as (select * from {{ ref('int_orders_valued') }}),

records as (select * from {{ ref('int_records_clustered') }}),

final as (
    select
        -- keys
        payments.payment_id,
        orders.order_id,
        records.customer_id,
        payments.system,
        payments.native_order_id,

        -- attributes
        payments.payment_type,
        payments.status,
        payments.status_word,
        payments.method,
        refunds.match_rule,
        payments.currency,

        -- measures
        payments.amount,
        payments.amount_local,
        coalesce(refunds.goods_amount_local, payments.goods_amount_local) as goods_amount_local,
        payments.shipping_amount_local,
        payments.tax_amount_local,
        payments.fx_rate,
        payments.installments_count,

        -- flags
        payments.is_succeeded,

        -- dates and timestamps
        payments.paid_at,
        payments.paid_date
    from payments
    left join refunds
        on payments.payment_key = refunds.payment_key
    left join orders
        on coalesce(payments.order_key, refunds.order_key) = orders.order_key
    left join records
        on payments.record_key = records.record_key
)

select * from final
