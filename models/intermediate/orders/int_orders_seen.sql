with

as_of as (select * from {{ ref('int_as_of') }}),

orders as (select * from {{ ref('int_orders_unioned') }}),

-- The orders as they were on the as-of date: an order that was cancelled later is not cancelled
-- yet. A test order is no order.
seen as (
    select
        orders.system,
        orders.native_order_id,
        orders.native_customer_id,
        orders.original_native_order_id,
        orders.native_store_id,
        orders.native_seller_id,
        orders.order_type,
        orders.order_type_word,
        orders.status_word,
        orders.status,
        orders.currency,
        orders.coupon_code,
        orders.payment_method,
        orders.header_gross_amount_local,
        orders.header_discount_amount_local,
        orders.header_net_amount_local,
        orders.header_shipping_amount_local,
        orders.header_tax_amount_local,
        orders.header_tip_amount_local,
        orders.is_paid_by_status,
        orders.is_cancelled,
        orders.prices_include_tax,
        coalesce(
            {{ business_date('orders.cancelled_at') }} > as_of.as_of_date, false
        ) as is_cancelled_later,
        orders.ordered_at,
        orders.ordered_date,
        orders.cancelled_at,
        orders.approved_at,
        orders.shipped_at,
        orders.delivered_at,
        orders.promised_at,
        orders.first_load_date,
        orders.paid_load_date,
        orders.cancelled_load_date,
        -- what was written after the as-of date is not known yet
        case when orders.refunded_date <= as_of.as_of_date then orders.refunded_date end
            as refunded_date,
        orders.refunded_load_date
    from orders
    inner join as_of
        on orders.ordered_date <= as_of.as_of_date
    where not coalesce(orders.is_test, false)
),

final as (
    select
        -- keys
        {{ hash_key("system || ':' || native_order_id") }} as order_key,
        {{ hash_key("system || ':' || native_customer_id") }} as record_key,
        {{ hash_key("system || ':' || original_native_order_id") }}
            as original_order_key,
        system || ':' || native_order_id as order_id,
        system,
        native_order_id,
        native_customer_id,
        system || ':' || native_store_id as store_id,
        native_seller_id as seller_id,

        -- attributes
        order_type,
        order_type_word,
        status_word,
        case
            when is_cancelled and not is_cancelled_later then 'cancelled'
            when status_word is null or is_cancelled_later then 'accepted'
            else coalesce(status, 'unmapped')
        end as status,
        coalesce(currency, '{{ setting("currency") }}') as currency,
        coupon_code,
        payment_method,

        -- measures
        header_gross_amount_local,
        header_discount_amount_local,
        header_net_amount_local,
        header_shipping_amount_local,
        header_tax_amount_local,
        header_tip_amount_local,

        -- flags
        -- without a word the order is accepted; a word that the seed does not know says nothing
        coalesce(is_paid_by_status, status_word is null) or is_cancelled_later
            as is_paid_by_status,
        is_cancelled and not is_cancelled_later as is_cancelled,
        coalesce(prices_include_tax, false) as prices_include_tax,

        -- dates and timestamps
        ordered_at,
        ordered_date,
        case when not is_cancelled_later then cancelled_at end as cancelled_at,
        approved_at,
        shipped_at,
        delivered_at,
        promised_at,
        first_load_date,
        paid_load_date,
        case when not is_cancelled_later then cancelled_load_date end as cancelled_load_date,
        refunded_date,
        case when refunded_date is not null then refunded_load_date end as refunded_load_date
    from seen
)

select * from final
