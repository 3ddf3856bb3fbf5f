with

orders as (select * from {{ ref('int_orders_priced') }}),

fx_rates as (select * from {{ ref('int_fx_rates_daily') }}),

payments as (select * from {{ ref('int_payments_seen') }}),

ordered as (
    select
        payments.system,
        payments.native_payment_id,
        payments.native_order_id,
        payments.native_customer_id,
        payments.product_id,
        payments.payment_type,
        payments.payment_type_word,
        payments.status_word,
        payments.status,
        payments.method,
        payments.amount_local,
        payments.goods_amount_local,
        payments.shipping_amount_local,
        payments.tax_amount_local,
        payments.quantity,
        payments.installments_count,
        payments.is_succeeded,
        payments.is_status_unmapped,
        payments.paid_at,
        payments.paid_date,
        payments.refunded_date,
        payments.first_load_date,
        orders.order_key,
        orders.record_key as order_record_key,
        orders.currency as order_currency,
        orders.fx_rate as order_fx_rate,
        coalesce(payments.currency, orders.currency, '{{ setting("currency") }}') as currency
    from payments
    left join orders
        on
            payments.system = orders.system
            and payments.native_order_id = orders.native_order_id
),

valued as (
    select
        ordered.system,
        ordered.native_payment_id,
        ordered.native_order_id,
        ordered.native_customer_id,
        ordered.product_id,
        ordered.payment_type,
        ordered.payment_type_word,
        ordered.status_word,
        ordered.status,
        ordered.method,
        ordered.amount_local,
        ordered.goods_amount_local,
        ordered.shipping_amount_local,
        ordered.tax_amount_local,
        ordered.quantity,
        ordered.installments_count,
        ordered.is_succeeded,
        ordered.is_status_unmapped,
        ordered.paid_at,
        ordered.paid_date,
        ordered.refunded_date,
        ordered.first_load_date,
        ordered.order_key,
        ordered.order_record_key,
        ordered.order_currency,
        ordered.order_fx_rate,
        ordered.currency,
        {{ rate_or_one('ordered.currency', 'fx_rates.rate') }} as fx_rate
    from ordered
    left join fx_rates
        on
            ordered.currency = fx_rates.currency
            and ordered.paid_date = fx_rates.valid_date
),

final as (
    select
        -- keys
        {{ hash_key("'payment:' || system || ':' || native_payment_id") }} as payment_key,
        order_key,
        case
            when order_key is not null then order_record_key
            else {{ hash_key("system || ':' || native_customer_id") }}
        end as record_key,
        {{ hash_key('product_id') }} as product_key,
        system || ':' || native_payment_id as payment_id,
        system,
        native_payment_id,
        native_order_id,
        native_customer_id,

        -- attributes
        payment_type,
        payment_type_word,
        status_word,
        status,
        method,
        currency,

        -- measures
        cast(amount_local as decimal(38, 4)) as amount_local,
        cast(
            case
                when order_key is null or currency = order_currency then amount_local
                else {{ share_of_amount('amount_local', 'fx_rate', 'order_fx_rate', places=8) }}
            end as decimal(38, 4)
        ) as amount_order_currency,
        {{ in_reporting_currency('amount_local', 'fx_rate') }} as amount,
        goods_amount_local,
        shipping_amount_local,
        tax_amount_local,
        quantity,
        installments_count,
        fx_rate,

        -- flags
        is_succeeded,
        is_status_unmapped,

        -- dates and timestamps
        paid_at,
        paid_date,
        refunded_date,
        first_load_date
    from valued
)

select * from final
