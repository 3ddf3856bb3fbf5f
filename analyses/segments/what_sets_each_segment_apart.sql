-- What sets each RFM segment apart from all customers?
select
    segment,
    segment_customers_count,
    trait_rank,
    trait
from marts.rpt_segment_profiles
where
    scheme = 'rfm_segment'
    and trait_rank <= 5
order by segment, trait_rank
