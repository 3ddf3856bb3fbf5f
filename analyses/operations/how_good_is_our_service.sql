-- How fast does each channel of contact answer and solve, and what do customers say of it?
select
    contact_channel,
    sum(tickets_count) as tickets_count,
    round(sum(mean_first_answer_hours * answered_tickets_count) / sum(answered_tickets_count), 1)
        as mean_first_answer_hours,
    round(sum(mean_resolution_hours * resolved_tickets_count) / sum(resolved_tickets_count), 1)
        as mean_resolution_hours,
    round(sum(mean_satisfaction * rated_tickets_count) / sum(rated_tickets_count), 2)
        as mean_satisfaction,
    sum(repeat_tickets_count) as repeat_tickets_count
from marts.rpt_service_quality
group by contact_channel
order by tickets_count desc, contact_channel asc
