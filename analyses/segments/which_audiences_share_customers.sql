-- Which audiences reach the same customers, so that two campaigns would write to them twice?
select
    audience,
    other_audience,
    shared_members_count,
    round(both_pct, 1) as both_pct,
    round(other_both_pct, 1) as other_both_pct,
    round(jaccard, 3) as jaccard
from marts.audience_overlap
where shared_members_count > 0
order by jaccard desc, audience asc, other_audience asc
limit 10
