-- What share of each month's new customers bought in each of the months since, and how much revenue
-- had each of them brought by then? Months that are not over are left out.
select
    cohort_month,
    month_number,
    sum(cohort_customers_count) as cohort_customers_count,
    round(100.0 * sum(retained_customers_count) / sum(cohort_customers_count), 1) as retention_pct,
    round(sum(cumulative_realised_amount) / sum(cohort_customers_count), 2)
        as cumulative_realised_per_customer_amount
from marts.rpt_cohort_retention
where is_complete
group by cohort_month, month_number
order by cohort_month asc, month_number asc
