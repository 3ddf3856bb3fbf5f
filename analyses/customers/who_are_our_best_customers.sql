-- Which twenty customers have brought the most revenue, and when did they last buy?
select
    segments.customer_id,
    segments.rfm_segment,
    rfm.monetary_amount,
    rfm.frequency,
    rfm.recency_days
from marts.customer_rfm as rfm
inner join marts.customer_segments as segments
    on rfm.customer_id = segments.customer_id
order by rfm.monetary_amount desc, segments.customer_id asc
limit 20
