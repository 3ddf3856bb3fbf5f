-- Which categories sell at least a quarter more units a day in a season than over the year?
select
    hemisphere,
    season,
    category,
    round(items_index) as items_index,
    round(realised_index) as realised_index,
    realised_amount,
    covered_days_count,
    is_whole_years
from marts.rpt_season_behavior
where items_index >= 125
order by items_index desc, hemisphere asc, season asc, category asc
