-- How many customers does each RFM segment hold, and what share of the revenue do they bring?
select
    segments.rfm_segment,
    count(*) as customers_count,
    sum(rfm.monetary_amount) as realised_amount,
    round(100 * sum(rfm.monetary_amount) / sum(sum(rfm.monetary_amount)) over (), 1)
        as realised_share_pct
from marts.customer_segments as segments
inner join marts.customer_rfm as rfm
    on segments.customer_id = rfm.customer_id
group by segments.rfm_segment
order by realised_amount desc, segments.rfm_segment asc
