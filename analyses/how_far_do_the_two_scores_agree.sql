-- How often do the scores by share and by fixed thresholds agree, and how far are they apart?
select
    count(*) as buyer_count,
    round(100.0 * count(*) filter (where recency_score = fixed_recency_score) / count(*), 1)
        as same_recency_score_pct,
    round(100.0 * count(*) filter (where frequency_score = fixed_frequency_score) / count(*), 1)
        as same_frequency_score_pct,
    round(100.0 * count(*) filter (where monetary_score = fixed_monetary_score) / count(*), 1)
        as same_monetary_score_pct,
    round(100.0 * count(*) filter (where rfm_code = fixed_rfm_code) / count(*), 1)
        as same_rfm_code_pct
from marts.customer_rfm
where frequency > 0
