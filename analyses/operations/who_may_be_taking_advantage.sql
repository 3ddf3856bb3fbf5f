-- Who may be taking advantage of us, and what speaks for it?
select
    portraits.risk_band,
    portraits.risk_reason_code,
    count(*) as customers_count,
    count(*) filter (where flags.risk_score_band_high) as high_count,
    round(sum(portraits.monetary_amount), 2) as monetary_amount
from marts.customer_portrait as portraits
inner join marts.customer_tag_flags as flags
    on portraits.customer_id = flags.customer_id
where portraits.risk_score > 0
group by portraits.risk_band, portraits.risk_reason_code
order by portraits.risk_band, portraits.risk_reason_code
