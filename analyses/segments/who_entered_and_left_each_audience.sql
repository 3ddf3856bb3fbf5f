-- How many customers entered and left each audience, on which day, and why?
select
    changed_date,
    audience,
    reason,
    count(*) filter (where change = 'entered') as entered_count,
    count(*) filter (where change = 'left') as left_count
from marts.audience_changes
group by changed_date, audience, reason
order by changed_date desc, audience asc, reason asc
