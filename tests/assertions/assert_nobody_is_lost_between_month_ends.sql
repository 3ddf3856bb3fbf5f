with

history as (select * from {{ ref('customer_segment_history') }}),

snapshots as (select * from {{ ref('int_customer_snapshots') }}),

-- The month ends that this build computed.
months as (
    select distinct snapshot_date as month_end_date
    from snapshots
    where snapshot_date = cast(last_day(snapshot_date) as date)
),

final as (
    select
        earlier.customer_id_then,
        earlier.month_end_date,
        earlier.rfm_segment
    from history as earlier
    inner join months
        on
            cast(last_day({{ add_days('earlier.month_end_date', 1) }}) as date)
            = months.month_end_date
    left join history as later
        on
            earlier.customer_id_then = later.customer_id_then
            and months.month_end_date = later.month_end_date
    where
        later.customer_id_then is null
        and earlier.customer_id_then = earlier.customer_id
)

select * from final
