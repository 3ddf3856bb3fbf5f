-- Who buys in promotions only, and what are these customers worth beside the others who buy again?
select
    portraits.is_promotion_only,
    count(*) as customers_count,
    round(sum(portraits.monetary_amount) / count(*), 2) as amount_each,
    round(100.0 * count(*) filter (where portraits.coupon_sensitivity = 'high') / count(*), 1)
        as coupon_hunters_pct
from marts.customer_portrait as portraits
where portraits.is_repeat
group by portraits.is_promotion_only
order by portraits.is_promotion_only
