with

as_of as (select * from {{ ref('int_as_of') }}),

states as (select * from {{ ref('int_order_states') }}),

refund_events as (select * from {{ ref('int_refund_events_unioned') }}),

customers as (select * from {{ ref('int_records_clustered') }}),

records as (select * from {{ ref('int_source_records_unioned') }}),

kept_history as (select * from {{ ref('int_segment_history_kept') }}),

last_kept as (
    select max(month_end_date) as month_end_date
    from kept_history
),

-- Nobody knows since when a record without any date has existed: it counts from the first month on.
changes as (
    select
        records.record_key,
        least(
            coalesce(records.first_known_date, cast('1900-01-01' as date)), as_of.as_of_date
        ) as known_date,
        0 as paid_change_count,
        0 as realised_change_amount,
        cast(null as date) as paid_order_date
    from records
    cross join as_of

    union all

    -- A customer whom a build has kept in a month exists from then on, whatever a later delivery
    -- says.
    select
        customers.record_key,
        kept_history.month_end_date as known_date,
        0 as paid_change_count,
        0 as realised_change_amount,
        cast(null as date) as paid_order_date
    from kept_history
    inner join last_kept
        on kept_history.month_end_date = last_kept.month_end_date
    inner join customers
        on
            kept_history.customer_id = customers.customer_id
            and customers.is_anchor

    union all

    -- An order that was cancelled later counted as paid until then: int_customer_snapshots adds its
    -- date.
    select
        record_key,
        known_date,
        paid_change_count,
        realised_change_amount,
        case when paid_change_count = 1 and cancelled_date is null then ordered_date end
            as paid_order_date
    from states
    where
        record_key is not null
        and (paid_change_count <> 0 or realised_change_amount <> 0)

    union all

    -- Money that was paid back and matches no order.
    select
        refund_events.record_key,
        least(
            greatest(refund_events.refund_date, refund_events.refund_load_date), as_of.as_of_date
        ) as known_date,
        0 as paid_change_count,
        -refund_events.amount as realised_change_amount,
        cast(null as date) as paid_order_date
    from refund_events
    cross join as_of
    where
        refund_events.refund_source = 'cash'
        and refund_events.order_key is null
        and refund_events.record_key is not null
),

final as (
    select
        -- keys
        customers.customer_id,

        -- measures
        cast(sum(changes.paid_change_count) as bigint) as paid_orders_change_count,
        cast(coalesce(sum(changes.realised_change_amount), 0) as decimal(38, 4))
            as realised_change_amount,

        -- dates and timestamps
        cast(last_day(changes.known_date) as date) as month_end_date,
        min(changes.paid_order_date) as first_paid_order_date,
        max(changes.paid_order_date) as last_paid_order_date
    from changes
    inner join customers
        on changes.record_key = customers.record_key
    group by
        customers.customer_id,
        cast(last_day(changes.known_date) as date)
)

select * from final
