-- What does a new customer of each channel cost, and what are they worth after 90 days?
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
    round(median(payback_days), 0) as median_payback_days
from marts.rpt_acquisition_channels
group by acquisition_channel
order by new_customers_count desc, acquisition_channel asc
