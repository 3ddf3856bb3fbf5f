-- What does a new customer of each channel cost, and what are they worth after 90 days?
with

-- A month that is not paid back takes longer than all that are.
months as (
    select
        *,
        case
            when is_paid_back then payback_days
            when not is_paid_back then cast('infinity' as double)
        end as days_or_never
    from marts.rpt_acquisition_channels
)

select
    acquisition_channel,
    sum(cost_amount) as cost_amount,
    sum(new_customers_count) as new_customers_count,
    round(sum(cost_amount) / nullif(sum(new_customers_count), 0), 2)
        as cost_per_new_customer_amount,
    round(
        sum(realised_90d_per_customer_amount * customers_90d_count)
        / nullif(sum(customers_90d_count), 0), 2
    ) as realised_90d_per_customer_amount,
    round(nullif(median(days_or_never), cast('infinity' as double)), 0) as median_payback_days,
    count(*) filter (where not is_paid_back) as months_not_paid_back_count
from months
group by acquisition_channel
order by new_customers_count desc, acquisition_channel asc
