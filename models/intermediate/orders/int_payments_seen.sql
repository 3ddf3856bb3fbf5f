with

as_of as (select * from {{ ref('int_as_of') }}),

payments as (select * from {{ ref('int_payments_unioned') }}),

final as (
    select
        payments.system,
        payments.native_payment_id,
        payments.native_order_id,
        payments.native_customer_id,
        payments.product_id,
        payments.payment_type,
        payments.status_word,
        payments.status,
        payments.method,
        payments.currency,
        payments.amount_local,
        payments.quantity,
        payments.is_succeeded,
        payments.is_status_unmapped,
        payments.paid_at,
        payments.paid_date,
        payments.first_load_date
    from payments
    inner join as_of
        on payments.paid_date <= as_of.as_of_date
)

select * from final
