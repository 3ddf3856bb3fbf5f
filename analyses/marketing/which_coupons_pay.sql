-- Which coupons are used, what share of their orders must be extra for them to pay, and how many
-- uses look like abuse?
select
    coupon_code,
    issued_customers_count,
    round(redeemed_pct, 1) as redeemed_pct,
    paid_orders_count,
    discount_amount,
    round(break_even_pct, 1) as break_even_pct,
    abuse_orders_count
from marts.rpt_coupon_performance
where paid_orders_count > 0
order by discount_amount desc, coupon_code asc
