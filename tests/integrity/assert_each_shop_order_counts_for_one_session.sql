with

sessions as (select * from {{ ref('fct_sessions') }}),

orders as (select * from {{ ref('fct_orders') }}),

-- Written differently from the model: the order looks for any session of its record.
led_to as (
    select orders.order_id
    from orders
    inner join sessions
        on
            orders.record_id = sessions.record_id
            and orders.ordered_at >= sessions.started_at
            and {{ seconds_between('sessions.ended_at', 'orders.ordered_at') }}
            <= {{ var('session_order_minutes') * 60 }}
    where
        orders.system = 'shop'
        and orders.order_type <> 'return'
    group by orders.order_id
),

counts as (
    select
        count(*) as led_to_count,
        0 as counted_count
    from led_to

    union all

    select
        0 as led_to_count,
        sum(orders_count) as counted_count
    from sessions
),

final as (
    select
        sum(led_to_count) as led_to_count,
        sum(counted_count) as counted_count
    from counts
    having sum(led_to_count) <> coalesce(sum(counted_count), 0)
)

select * from final
