with

activities as (select * from {{ ref('int_record_activity_daily') }}),

records as (select * from {{ ref('int_records_clustered') }}),

active_days as (
    select distinct
        records.customer_id,
        activities.activity_date
    from activities
    inner join records
        on activities.record_key = records.record_key
    where
        activities.orders_count > 0
        or activities.events_count > 0
),

-- An active day keeps a customer active for the length of the window, or until the next active day.
-- So each customer counts once per day, without a row per customer and day.
active_spans as (
    select
        customer_id,
        activity_date,
        {{ add_days('activity_date', window_days('30d')) }} as window_end_date,
        lead(activity_date) over (
            partition by customer_id
            order by activity_date asc nulls last
        ) as next_date
    from active_days
),

changes as (
    select
        activity_date as date_day,
        1 as change
    from active_spans

    union all

    select
        least(window_end_date, coalesce(next_date, window_end_date)) as date_day,
        -1 as change
    from active_spans
),

final as (
    select
        date_day,
        sum(change) as active_customers_30d_change
    from changes
    group by date_day
)

select * from final
