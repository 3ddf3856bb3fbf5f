-- How many buyers of each RFM segment by share are in the same segment by fixed thresholds?
select
    rfm_segment,
    count(*) as customers_count,
    count(*) filter (where fixed_rfm_segment = rfm_segment) as same_segment_count,
    round(100.0 * count(*) filter (where fixed_rfm_segment = rfm_segment) / count(*), 1)
        as same_segment_pct
from marts.customer_segments
where rfm_segment <> 'Prospects'
group by rfm_segment
order by same_segment_pct, rfm_segment
