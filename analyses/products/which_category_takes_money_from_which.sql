-- Where did the money of each category come from, and where did it go?
select
    flow_kind,
    from_category,
    to_category,
    customers_count,
    realised_amount
from marts.rpt_category_switching
where flow_kind <> 'kept'
order by realised_amount desc, from_category asc, to_category asc
limit 20
