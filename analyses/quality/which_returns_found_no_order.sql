-- How were returns and refunds matched to their orders, and what is left without one?
select
    topic,
    subject as currency,
    bucket as match_rule,
    rows_count,
    amount_local
from quality.reconciliation
where topic in ('returns_by_rule', 'refunds_by_rule')
order by topic asc, currency asc, amount_local desc
