with

outcomes as (select * from {{ ref('int_order_outcomes_judged') }}),

days as (
    select
        customer_id,
        ordered_date,
        count(*) as orders_count,
        count(*) filter (where is_cancelled or is_refunded) as failed_orders_count,
        min(ordered_at) as first_ordered_at,
        max(ordered_at) as last_ordered_at
    from outcomes
    group by customer_id, ordered_date
),

everybody as (
    select {{ divide('sum(orders_count)', 'count(*)') }} as day_orders_count
    from days
),

-- Nearly all of the orders of such a day came to nothing.
candidates as (
    select
        *,
        failed_orders_count >= {{ var('risk_burst_failed_share') }} * orders_count as is_failed
    from days
),

-- What the customer usually orders on a day says nothing of days that look the same.
own_days as (
    select
        customer_id,
        {{ divide('sum(orders_count)', 'count(*)') }} as day_orders_count
    from candidates
    where not is_failed
    group by customer_id
),

final as (
    select
        -- keys
        candidates.customer_id,
        candidates.ordered_date,

        -- measures
        candidates.orders_count,
        candidates.failed_orders_count,
        everybody.day_orders_count as everybody_day_orders_count,
        own_days.day_orders_count as own_day_orders_count,
        {{ divide(
            seconds_between('candidates.first_ordered_at', 'candidates.last_ordered_at'), '60'
        ) }} as span_minutes
    from candidates
    cross join everybody
    left join own_days
        on candidates.customer_id = own_days.customer_id
    where
        candidates.is_failed
        and candidates.orders_count > 1
        and candidates.orders_count >= {{ var('risk_burst_factor') }} * everybody.day_orders_count
        and candidates.orders_count
        >= {{ var('risk_burst_factor') }} * coalesce(own_days.day_orders_count, 0)
)

select * from final
