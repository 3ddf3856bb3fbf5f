with

as_of as (select * from {{ ref('int_as_of') }}),

shop_orders as (select * from {{ ref('stg_shop__orders') }}),

-- A further system joins here, with its own select of the same columns.
orders as (
    select
        'shop' as system,
        native_order_id,
        native_customer_id,
        original_native_order_id,
        order_type,
        status_word,
        status,
        currency,
        coupon_code,
        header_gross_amount_local,
        header_discount_amount_local,
        header_net_amount_local,
        is_paid_by_status,
        is_cancelled,
        ordered_at,
        ordered_date,
        cancelled_at
    from shop_orders
),

final as (
    select
        -- keys
        {{ hash_key("orders.system || ':' || orders.native_order_id") }} as order_key,
        {{ hash_key("orders.system || ':' || orders.native_customer_id") }} as record_key,
        {{ hash_key("orders.system || ':' || orders.original_native_order_id") }}
            as original_order_key,
        orders.system || ':' || orders.native_order_id as order_id,
        orders.system,
        orders.native_order_id,
        orders.native_customer_id,

        -- attributes
        orders.order_type,
        orders.status_word,
        case
            when orders.is_cancelled then 'cancelled'
            when orders.status_word is null then 'accepted'
            else coalesce(orders.status, 'unmapped')
        end as status,
        coalesce(orders.currency, '{{ setting("currency") }}') as currency,
        orders.coupon_code,

        -- measures
        orders.header_gross_amount_local,
        orders.header_discount_amount_local,
        orders.header_net_amount_local,

        -- flags
        coalesce(orders.is_paid_by_status, true) as is_paid_by_status,
        orders.is_cancelled,

        -- dates and timestamps
        orders.ordered_at,
        orders.ordered_date,
        orders.cancelled_at
    from orders
    inner join as_of
        on orders.ordered_date <= as_of.as_of_date
)

select * from final
