-- Which orders does the check send to a person, why, and what is at stake?
select
    reviews.system,
    reviews.reason_1_code,
    count(*) as orders_count,
    min(reviews.reason_1_evidence) as example,
    round(sum(orders.net_amount), 2) as net_amount
from marts.fct_order_reviews as reviews
inner join marts.fct_orders as orders
    on reviews.order_id = orders.order_id
where reviews.review_status = 'to_look_at'
group by reviews.system, reviews.reason_1_code
order by orders_count desc, reviews.system asc, reviews.reason_1_code asc
