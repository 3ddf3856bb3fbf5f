{% set backwards = (
    'partition by customer_id order by happened_at desc nulls last,'
    ~ ' is_order desc nulls last, happening_key desc nulls last'
) %}
{% set as_of_end = local_to_utc(
    'cast(' ~ add_days('as_of.as_of_date', 1) ~ ' as timestamp)', business_zone()
) %}
with

touches as (select * from {{ ref('int_touches_unioned') }}),

orders as (select * from {{ ref('int_orders_valued') }}),

records as (select * from {{ ref('int_records_clustered') }}),

as_of as (select * from {{ ref('int_as_of') }}),

-- One sequence of touches and paid orders for each customer: a join of the two would pair each
-- touch of a shared account with each of its orders.
happenings as (
    select
        customer_id,
        touched_at as happened_at,
        false as is_order,
        touch_key as happening_key,
        channel,
        cast(null as bigint) as order_key,
        cast(null as timestamp) as ordered_at
    from touches

    union all

    select
        records.customer_id,
        orders.ordered_at as happened_at,
        true as is_order,
        cast(orders.order_key as string) as happening_key,
        cast(null as string) as channel,
        orders.order_key,
        orders.ordered_at
    from orders
    inner join records
        on orders.record_key = records.record_key
    where orders.is_paid
),

-- A touch counts for the next order, which may be of the same moment.
followed as (
    select
        customer_id,
        happening_key as touch_key,
        is_order,
        channel,
        {{ last_known('order_key', backwards) }} as next_order_key,
        {{ last_known('ordered_at', backwards) }} as next_ordered_at,
        happened_at as touched_at
    from happenings
),

-- Time before the next order, or before the end of the as-of date, is cut into windows. The last
-- one ends with the order, or is still open; the earlier ones ended without an order.
windowed as (
    select
        followed.customer_id,
        followed.touch_key,
        followed.channel,
        followed.next_order_key,
        cast(
            greatest(
                ceil(
                    {{ divide(
                        seconds_between(
                            'followed.touched_at',
                            'coalesce(followed.next_ordered_at, ' ~ as_of_end ~ ')'
                        ),
                        var('attribution_window_days') * 24 * 60 * 60
                    ) }}
                ) - 1,
                0
            ) as integer
        ) as windows_before_end_count,
        followed.touched_at
    from followed
    cross join as_of
    where not followed.is_order
),

pathed as (
    select
        *,
        coalesce('order:' || cast(next_order_key as string), 'end:' || customer_id)
        || ':' || cast(windows_before_end_count as string) as path_key,
        windows_before_end_count = 0 and next_order_key is not null as is_converted,
        windows_before_end_count = 0 and next_order_key is null as is_open
    from windowed
),

-- A mail and the visit that it brings are one step: of equal channels in a row the last touch is
-- kept.
looked_ahead as (
    select
        *,
        lead(channel) over (
            partition by path_key
            order by touched_at asc nulls last, touch_key asc nulls last
        ) as next_touch_channel
    from pathed
),

numbered as (
    select
        *,
        row_number() over (
            partition by path_key
            order by touched_at asc nulls last, touch_key asc nulls last
        ) as step_number,
        max(touched_at) over (partition by path_key) as last_touched_at
    from looked_ahead
    where next_touch_channel is null or next_touch_channel <> channel
),

-- Only weights against each other count: the last touch weighs 1, so that no path's weights vanish.
-- They are decimals, so that the order of the rows does not matter.
weighed as (
    select
        *,
        cast(
            power(
                cast(0.5 as double),
                {{ divide(
                    seconds_between('touched_at', 'last_touched_at'),
                    var('attribution_half_life_days') * 24 * 60 * 60
                ) }}
            ) as decimal(18, 15)
        ) as decayed_weight
    from numbered
),

final as (
    select
        -- keys
        path_key,
        step_number,
        customer_id,
        case when is_converted then next_order_key end as order_key,

        -- attributes
        channel,

        -- measures
        count(*) over (partition by path_key) as steps_count,
        case
            when is_converted
                then
                    {{ divide(
                        'decayed_weight', 'sum(decayed_weight) over (partition by path_key)',
                        'decimal(11, 10)'
                    ) }}
        end as time_decay_credit,

        -- flags
        is_converted,
        is_open,

        -- dates and timestamps
        touched_at
    from weighed
)

select * from final
