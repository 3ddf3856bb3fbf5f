-- Who looked at products in the last 30 days without an order, and what do they like?
select
    portraits.customer_id,
    portraits.product_views_30d_count,
    portraits.abandoned_cart_sessions_30d_count,
    portraits.preferred_category_1,
    portraits.preferred_brand
from marts.customer_portrait as portraits
inner join marts.customer_tag_flags as flags
    on portraits.customer_id = flags.customer_id
where
    flags.behav_view_product_30d
    and not flags.cons_order_placed_30d
order by portraits.product_views_30d_count desc, portraits.customer_id asc
limit 20
