with

as_of as (select * from {{ ref('int_as_of') }}),

purchases as (select * from {{ ref('int_customer_purchases') }}),

changes as (select * from {{ ref('int_customer_value_changes') }}),

states as (select * from {{ ref('int_order_states') }}),

customers as (select * from {{ ref('int_records_clustered') }}),

records as (select * from {{ ref('int_source_records_unioned') }}),

kept_history as (select * from {{ ref('int_segment_history_kept') }}),

last_kept as (
    select max(month_end_date) as month_end_date
    from kept_history
),

-- The history begins with the first month in which anybody bought.
first_month as (
    select min(month_end_date) as month_end_date
    from changes
    where
        paid_orders_change_count <> 0
        or realised_change_amount <> 0
),

days as (
    select {{ days_in_range('first_month.month_end_date', 'as_of.as_of_date', 'date_day') }}
    from first_month
    cross join as_of
),

-- The month ends that no build has written yet; the as-of date is a snapshot of its own.
months as (
    select days.date_day as month_end_date
    from days
    cross join as_of
    cross join last_kept
    where
        days.date_day = cast(last_day(days.date_day) as date)
        and days.date_day < as_of.as_of_date
        and (last_kept.month_end_date is null or days.date_day > last_kept.month_end_date)
),

cumulated as (
    select
        customer_id,
        month_end_date,
        lead(month_end_date) over (
            partition by customer_id
            order by month_end_date asc nulls first
        ) as next_month_end_date,
        sum(paid_orders_change_count) over customer_until_month as frequency,
        sum(realised_change_amount) over customer_until_month as monetary_amount,
        min(first_paid_order_date) over customer_until_month as first_paid_order_date,
        max(last_paid_order_date) over customer_until_month as last_paid_order_date
    from changes
    window customer_until_month as (
        partition by customer_id
        order by month_end_date asc nulls first
        rows between unbounded preceding and current row
    )
),

-- Orders that counted as paid at a month end, and were cancelled after it.
cancelled_later as (
    select
        customers.customer_id,
        months.month_end_date,
        min(states.ordered_date) as first_paid_order_date,
        max(states.ordered_date) as last_paid_order_date
    from states
    inner join customers
        on states.record_key = customers.record_key
    inner join months
        on
            states.known_date <= months.month_end_date
            and states.cancelled_date > months.month_end_date
    where states.paid_change_count = 1
    group by customers.customer_id, months.month_end_date
),

-- A state holds from one month with a change until the next one.
month_ends as (
    select
        cumulated.customer_id,
        months.month_end_date as snapshot_date,
        cumulated.frequency,
        cumulated.monetary_amount,
        false as is_as_of,
        least(cumulated.first_paid_order_date, cancelled_later.first_paid_order_date)
            as first_paid_order_date,
        greatest(cumulated.last_paid_order_date, cancelled_later.last_paid_order_date)
            as last_paid_order_date
    from cumulated
    inner join months
        on
            cumulated.month_end_date <= months.month_end_date
            and coalesce(cumulated.next_month_end_date > months.month_end_date, true)
    left join cancelled_later
        on
            cumulated.customer_id = cancelled_later.customer_id
            and months.month_end_date = cancelled_later.month_end_date
),

snapshots as (
    select
        customer_id,
        snapshot_date,
        frequency,
        monetary_amount,
        is_as_of,
        first_paid_order_date,
        last_paid_order_date
    from month_ends

    union all

    select
        customer_id,
        as_of_date as snapshot_date,
        paid_orders_count as frequency,
        realised_amount as monetary_amount,
        true as is_as_of,
        first_paid_order_date,
        last_paid_order_date
    from purchases
),

delivered as (
    select
        customers.customer_id,
        bool_and(records.has_load_dates) as has_load_dates
    from customers
    inner join records
        on customers.record_key = records.record_key
    group by customers.customer_id
),

final as (
    select
        -- keys
        snapshots.customer_id,
        snapshots.snapshot_date,

        -- measures
        {{ days_between('snapshots.last_paid_order_date', 'snapshots.snapshot_date') }}
            as recency_days,
        cast(snapshots.frequency as bigint) as frequency,
        cast(snapshots.monetary_amount as decimal(38, 4)) as monetary_amount,

        -- flags
        snapshots.is_as_of,
        delivered.has_load_dates as is_known_by_load_date,

        -- dates and timestamps
        snapshots.first_paid_order_date,
        snapshots.last_paid_order_date
    from snapshots
    inner join delivered
        on snapshots.customer_id = delivered.customer_id
)

select * from final
