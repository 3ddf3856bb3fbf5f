-- Whose first preference is each category, and how many of them may be written to?
select
    preferences.preference_value as category,
    count(*) as customers_count,
    count(*) filter (where portraits.has_email_consent) as may_be_written_to_count,
    round(avg(preferences.expected_share_pct), 1) as mean_expected_share_pct
from marts.customer_preferences as preferences
inner join marts.customer_portrait as portraits
    on preferences.customer_id = portraits.customer_id
where
    preferences.dimension = 'category'
    and preferences.preference_rank = 1
    and preferences.confidence_pct >= 50
group by preferences.preference_value
order by customers_count desc, category asc
