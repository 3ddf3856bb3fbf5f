-- One row per customer: recency, frequency and monetary value, compared with the other buyers and by fixed thresholds.

create table rfm as
with customers as (
    select distinct customer_id from records
),
bought as (
    select
        customer_id,
        count(*) filter (where is_paid) as frequency,
        max(ordered_date) filter (where is_paid) as last_date,
        sum(realised_amount) as realised_amount
    from orders
    where customer_id is not null
    group by customer_id
),
unmatched as (
    select records.customer_id, sum(refunds.amount) as amount
    from refunds
    inner join records on refunds.record_id = records.record_id
    where refunds.refund_source = 'cash' and refunds.order_id is null
    group by records.customer_id
),
measured as (
    select
        customers.customer_id,
        getvariable('as_of') - bought.last_date as recency_days,
        coalesce(bought.frequency, 0) as frequency,
        coalesce(bought.realised_amount, 0) - coalesce(unmatched.amount, 0) as monetary_amount,
        coalesce(bought.frequency, 0) > 0 as is_buyer
    from customers
    left join bought on customers.customer_id = bought.customer_id
    left join unmatched on customers.customer_id = unmatched.customer_id
),
scored as (
    select
        *,
        case
            when not is_buyer then null
            when recency_days = min(recency_days) over (partition by is_buyer) then 5
            else least(5, 1 + floor(5 * (rank() over (partition by is_buyer order by recency_days desc) - 1) / count(*) over (partition by is_buyer)))
        end as recency_score,
        case when is_buyer then
            least(5, 1 + floor(5 * (rank() over (partition by is_buyer order by frequency) - 1) / count(*) over (partition by is_buyer)))
        end as frequency_score,
        case when is_buyer then
            least(5, 1 + floor(5 * (rank() over (partition by is_buyer order by monetary_amount) - 1) / count(*) over (partition by is_buyer)))
        end as monetary_score,
        case
            when recency_days < 30 then 5 when recency_days < 90 then 4 when recency_days < 180 then 3
            when recency_days < 365 then 2 when recency_days is not null then 1
        end as fixed_recency_score,
        case
            when not is_buyer then null when frequency < 2 then 1 when frequency < 3 then 2
            when frequency < 5 then 3 when frequency < 10 then 4 else 5
        end as fixed_frequency_score,
        case
            when not is_buyer then null when monetary_amount < 200 then 1 when monetary_amount < 1000 then 2
            when monetary_amount < 3000 then 3 when monetary_amount < 10000 then 4 else 5
        end as fixed_monetary_score
    from measured
)
select
    customer_id, getvariable('as_of') as as_of_date,
    cast(cast(recency_score * 100 + frequency_score * 10 + monetary_score as integer) as varchar) as rfm_code,
    cast(fixed_recency_score * 100 + fixed_frequency_score * 10 + fixed_monetary_score as varchar) as fixed_rfm_code,
    recency_days, frequency, monetary_amount, recency_score, frequency_score, monetary_score,
    fixed_recency_score, fixed_frequency_score, fixed_monetary_score
from scored;
