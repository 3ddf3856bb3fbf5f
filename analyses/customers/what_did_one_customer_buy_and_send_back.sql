-- What has the customer with the most refunds bought, paid and sent back, day by day?
with

most_refunded as (
    select
        customer_id,
        sum(refunded_amount) as refunded_amount
    from marts.fct_customer_daily_activity
    group by customer_id
    order by refunded_amount desc, customer_id asc
    limit 1
),

final as (
    select
        activities.customer_id,
        activities.activity_date,
        activities.orders_count,
        activities.net_amount,
        activities.refunded_amount,
        activities.realised_amount
    from marts.fct_customer_daily_activity as activities
    inner join most_refunded
        on activities.customer_id = most_refunded.customer_id
)

select * from final
order by activity_date asc
