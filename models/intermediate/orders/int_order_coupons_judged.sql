with

orders as (select * from {{ ref('int_orders_seen') }}),

coupons as (select * from {{ ref('int_coupons_unioned') }}),

-- The company's coupons are valid in every channel. Tills and platforms write codes in upper or
-- lower case, so a code may fit several coupons: the one that is valid on the day counts, else the
-- newest.
candidates as (
    select
        orders.order_key,
        coupons.coupon_id,
        coupons.coupon_type,
        coupons.valid_from_date,
        case
            when coupons.coupon_id is null then 'unknown'
            when orders.ordered_date < coupons.valid_from_date then 'outside_validity'
            when orders.ordered_date > coupons.valid_to_date then 'outside_validity'
            else 'valid'
        end as coupon_status
    from orders
    left join coupons
        on lower(orders.coupon_code) = lower(coupons.coupon_code)
    where orders.coupon_code is not null
),

ranked as (
    select
        order_key,
        coupon_id,
        coupon_type,
        coupon_status,
        row_number() over (
            partition by order_key
            order by
                case when coupon_status = 'valid' then 0 else 1 end asc nulls last,
                valid_from_date desc nulls last,
                coupon_id asc nulls last
        ) as coupon_rank
    from candidates
),

final as (
    select
        -- keys
        order_key,
        coupon_id,

        -- attributes
        coupon_type,
        coupon_status
    from ranked
    where coupon_rank = 1
)

select * from final
