-- How many repeat buyers are overdue and may be written to, and what are they expected to bring?
select
    count(*) as customers_count,
    round(sum(portraits.lifetime_value_amount), 2) as expected_amount
from marts.customer_tag_flags as flags
inner join marts.customer_portrait as portraits
    on flags.customer_id = portraits.customer_id
where
    flags.cons_order_repeat_ever
    and flags.cons_order_overdue_now
    and flags.attr_consent_email_yes
