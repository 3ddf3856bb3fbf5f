-- What is the revenue of each month, and how much of the net value did not become revenue?
select
    dates.month_start_date,
    count(*) filter (where orders.order_type <> 'return') as orders_count,
    sum(orders.net_amount) as net_amount,
    sum(orders.cancelled_amount) as cancelled_amount,
    sum(orders.refunded_amount) as refunded_amount,
    sum(orders.realised_amount) as realised_amount
from marts.fct_orders as orders
inner join marts.dim_dates as dates
    on orders.ordered_date = dates.date_day
group by dates.month_start_date
order by dates.month_start_date asc
