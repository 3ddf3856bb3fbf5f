-- What changed our revenue in the last 90 days: more customers, more orders of each, larger
-- baskets, or other prices, and in which channel?
select
    dimension_value as channel,
    round(change_amount, 0) as change_amount,
    round(customers_effect_amount, 0) as customers_effect_amount,
    round(frequency_effect_amount, 0) as frequency_effect_amount,
    round(basket_effect_amount, 0) as basket_effect_amount,
    round(price_effect_amount, 0) as price_effect_amount,
    round(beside_effect_amount, 0) as beside_effect_amount
from marts.rpt_revenue_tree
where
    window_days = 90
    and dimension in ('all', 'channel')
order by channel asc
