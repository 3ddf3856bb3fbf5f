with

order_coupons as (select * from {{ ref('int_order_coupons_judged') }}),

orders as (select * from {{ ref('int_orders_valued') }}),

final as (
    select
        -- keys
        orders.order_id,
        order_coupons.code_number,
        order_coupons.coupon_id,
        orders.system,

        -- attributes
        order_coupons.coupon_code,
        order_coupons.coupon_type,
        order_coupons.coupon_status,

        -- flags
        order_coupons.code_rank = 1 as is_coupon_of_order
    from order_coupons
    inner join orders
        on order_coupons.order_key = orders.order_key
)

select * from final
