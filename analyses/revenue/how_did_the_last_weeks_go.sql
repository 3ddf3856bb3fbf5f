-- How did the last twelve weeks go: orders, buyers, revenue, and how many visits end in an order?
select
    dates.week_start_date,
    sum(kpis.orders_count) as orders_count,
    sum(kpis.new_customers_count) as new_customers_count,
    sum(kpis.realised_by_day_amount) as realised_by_day_amount,
    round(100.0 * sum(kpis.sessions_with_order_count) / nullif(sum(kpis.sessions_count), 0), 1)
        as conversion_pct,
    max(kpis.active_customers_30d_count) as most_active_customers_30d_count
from marts.rpt_kpis_daily as kpis
inner join marts.dim_dates as dates
    on kpis.date_day = dates.date_day
group by dates.week_start_date
order by dates.week_start_date desc
limit 12
