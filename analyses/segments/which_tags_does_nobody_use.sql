-- Which tags have customers, and no use yet?
select
    theme,
    tag_code,
    name_en,
    customers_count,
    round(coverage_pct, 1) as coverage_pct
from quality.tag_health
where
    not is_used
    and customers_count > 0
order by theme, tag_code
