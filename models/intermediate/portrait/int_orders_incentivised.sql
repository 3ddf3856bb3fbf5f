with

orders as (select * from {{ ref('int_orders_valued') }}),

order_lines as (select * from {{ ref('int_order_lines_valued') }}),

products as (select * from {{ ref('int_products_described') }}),

promotions as (select * from {{ ref('int_promotion_days') }}),

order_prices as (
    select
        order_lines.order_key,
        count(*) as priced_lines_count,
        count(*) filter (where products.price_band = 'low') as low_price_lines_count
    from order_lines
    inner join products
        on order_lines.product_key = products.product_key
    where
        order_lines.line_type = 'sale'
        and products.price_band is not null
    group by order_lines.order_key
),

-- What a system never has is no choice of its customers.
system_habits as (
    select
        system,
        count(coupon_code) > 0 as has_coupons,
        max(shipping_amount_local) > 0 as has_shipping
    from orders
    group by system
),

final as (
    select
        -- keys
        orders.order_key,
        orders.record_key,

        -- measures
        {{ divide('100 * orders.discount_amount_local', 'orders.gross_amount_local') }}
            as discount_pct,
        orders.discount_amount,
        orders.gross_amount,
        coalesce(order_prices.priced_lines_count, 0) as priced_lines_count,
        coalesce(order_prices.low_price_lines_count, 0) as low_price_lines_count,

        -- flags
        orders.has_amount as can_be_discounted,
        orders.discount_amount_local > 0 as is_discounted,
        system_habits.has_coupons as can_have_coupon,
        orders.coupon_code is not null as has_coupon,
        promotions.date_day is not null as is_on_promotion_day,
        system_habits.has_shipping as can_have_free_shipping,
        system_habits.has_shipping and orders.shipping_amount_local = 0 as has_free_shipping,

        -- dates and timestamps
        orders.ordered_date
    from orders
    inner join system_habits
        on orders.system = system_habits.system
    left join order_prices
        on orders.order_key = order_prices.order_key
    left join promotions
        on orders.ordered_date = promotions.date_day
    where
        orders.is_paid
        and orders.record_key is not null
)

select * from final
