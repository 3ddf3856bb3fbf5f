-- How many customers are loyal, hesitant or potential, how many others have they invited, and what
-- are they worth?
select
    loyalty_group,
    count(*) as customers_count,
    sum(invited_customers_count) as invited_customer_count,
    sum(invited_buyers_count) as invited_buyer_count,
    round(
        100.0 * count(*) filter (where is_repeat)
        / nullif(count(*) filter (where paid_orders_count > 0), 0), 1
    ) as repurchase_rate_pct,
    sum(realised_amount) as realised_amount
from marts.customer_loyalty
group by loyalty_group
order by realised_amount desc, loyalty_group asc
