with

history as (select * from {{ ref('customer_segment_history') }}),

migration as (select * from {{ ref('rpt_segment_migration') }}),

segments as (
    select
        month_end_date,
        rfm_segment,
        count(*) as customers_count,
        sum(monetary_amount) as monetary_amount
    from history
    group by month_end_date, rfm_segment
),

arrived as (
    select
        month_end_date,
        rfm_segment,
        sum(customers_count) as customers_count,
        sum(monetary_amount) as monetary_amount
    from migration
    where rfm_segment <> 'No longer here'
    group by month_end_date, rfm_segment
),

-- From the month end before, which the first one does not have.
left_behind as (
    select
        {{ add_days("cast(date_trunc('month', month_end_date) as date)", -1) }} as month_end_date,
        previous_rfm_segment as rfm_segment,
        sum(customers_count) as customers_count,
        sum(monetary_amount - monetary_change_amount) as monetary_amount
    from migration
    where previous_rfm_segment <> 'New here'
    group by
        {{ add_days("cast(date_trunc('month', month_end_date) as date)", -1) }},
        previous_rfm_segment
),

last_month as (
    select max(month_end_date) as month_end_date
    from history
),

final as (
    select
        segments.month_end_date,
        segments.rfm_segment,
        segments.customers_count,
        arrived.customers_count as arrived_count,
        left_behind.customers_count as left_count
    from segments
    cross join last_month
    full outer join arrived
        on
            segments.month_end_date = arrived.month_end_date
            and segments.rfm_segment = arrived.rfm_segment
    full outer join left_behind
        on
            segments.month_end_date = left_behind.month_end_date
            and segments.rfm_segment = left_behind.rfm_segment
    where
        segments.month_end_date is null
        or arrived.month_end_date is null
        or segments.customers_count <> arrived.customers_count
        or segments.monetary_amount <> arrived.monetary_amount
        or (
            segments.month_end_date < last_month.month_end_date
            and (
                left_behind.month_end_date is null
                or segments.customers_count <> left_behind.customers_count
                or segments.monetary_amount <> left_behind.monetary_amount
            )
        )
)

select * from final
