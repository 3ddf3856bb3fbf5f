-- How much revenue does each channel have by its first touch, by its last, and by what would be
-- lost without it?
select
    channel,
    round(max(case when attribution_model = 'first_touch' then amount_share_pct end), 1)
        as first_touch_pct,
    round(max(case when attribution_model = 'last_touch' then amount_share_pct end), 1)
        as last_touch_pct,
    round(max(case when attribution_model = 'shapley' then amount_share_pct end), 1) as shapley_pct,
    round(max(case when attribution_model = 'markov' then amount_share_pct end), 1) as markov_pct
from marts.rpt_attribution
group by channel
order by markov_pct desc, channel asc
