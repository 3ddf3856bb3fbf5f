-- What share of the buyers has bought in each category, and how many of them came back to it?
select
    dimension_value as category,
    buyers_count,
    round(buyers_share_pct, 1) as buyers_share_pct,
    round(repeat_buyers_share_pct, 1) as repeat_buyers_share_pct,
    realised_per_buyer_amount
from marts.rpt_penetration
where dimension = 'category'
order by buyers_count desc, category asc
