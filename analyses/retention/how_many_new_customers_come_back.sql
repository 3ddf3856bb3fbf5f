-- How many of the customers whose first paid order was in a month have bought again since?
select
    cast(date_trunc('month', segments.first_paid_order_date) as date) as first_month_date,
    count(*) as new_customer_count,
    count(*) filter (where rfm.frequency > 1) as repeat_customer_count,
    round(100.0 * count(*) filter (where rfm.frequency > 1) / count(*), 1) as repurchase_rate_pct
from marts.customer_segments as segments
inner join marts.customer_rfm as rfm
    on segments.customer_id = rfm.customer_id
where segments.first_paid_order_date is not null
group by cast(date_trunc('month', segments.first_paid_order_date) as date)
order by first_month_date asc
