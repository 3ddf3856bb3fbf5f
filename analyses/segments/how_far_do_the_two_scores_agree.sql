-- How often do the scores by share and by fixed thresholds agree, and how far are they apart?
select
    measure,
    sum(customers_count) as buyer_count,
    round(min(same_score_pct), 1) as same_score_pct,
    round(min(within_one_score_pct), 1) as within_one_score_pct,
    round(min(weighted_kappa), 2) as weighted_kappa
from marts.rpt_rfm_agreement
group by measure
order by measure
