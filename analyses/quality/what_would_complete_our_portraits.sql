-- Which source would fill the largest gap of the most portraits of buyers?
select
    largest_gap,
    largest_gap_source,
    count(*) as customers_count,
    round(avg(completeness_pct), 1) as mean_completeness_pct
from marts.customer_portrait
where
    paid_orders_count > 0
    and largest_gap is not null
group by largest_gap, largest_gap_source
order by customers_count desc, largest_gap asc
