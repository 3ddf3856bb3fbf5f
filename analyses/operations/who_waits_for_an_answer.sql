-- Which customers of high value have an open ticket, and what is it about?
select
    portraits.customer_id,
    portraits.value_tier,
    portraits.open_tickets_count,
    portraits.main_pain_point_kind,
    portraits.last_ticket_date
from marts.customer_portrait as portraits
inner join marts.customer_tag_flags as flags
    on portraits.customer_id = flags.customer_id
where
    flags.soc_ticket_open_now
    and (flags.cons_value_tier_top or flags.cons_value_tier_high)
order by portraits.monetary_amount desc, portraits.customer_id asc
limit 20
