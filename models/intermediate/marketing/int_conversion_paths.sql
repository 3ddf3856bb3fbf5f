with

steps as (select * from {{ ref('int_conversion_path_steps') }}),

orders as (select * from {{ ref('int_orders_valued') }}),

as_of as (select * from {{ ref('int_as_of') }}),

step_paths as (
    select
        path_key,
        order_key,
        {{ text_list("lpad(cast(step_number as string), 6, '0') || channel") }} as numbered_path,
        count(*) as steps_count,
        is_converted,
        is_open,
        max(touched_at) as touched_at
    from steps
    group by path_key, order_key, is_converted, is_open
),

-- Every paid order is the end of a path, also one without a touch, and that of a guest.
unioned as (
    select
        coalesce(step_paths.path_key, 'order:' || cast(orders.order_key as string) || ':0')
            as path_key,
        orders.order_key,
        step_paths.numbered_path,
        coalesce(step_paths.steps_count, 0) as steps_count,
        coalesce(orders.realised_amount, 0) as realised_amount,
        true as is_converted,
        false as is_open,
        orders.ordered_date as ended_date
    from orders
    left join step_paths
        on orders.order_key = step_paths.order_key
    where orders.is_paid

    union all

    select
        path_key,
        order_key,
        numbered_path,
        steps_count,
        0 as realised_amount,
        is_converted,
        is_open,
        {{ business_date('touched_at') }} as ended_date
    from step_paths
    where not is_converted
),

final as (
    select
        -- keys
        unioned.path_key,
        unioned.order_key,

        -- attributes
        unioned.numbered_path,
        replace({{ regex_replace('unioned.numbered_path', '[0-9]') }}, ', ', ' > ') as path,

        -- measures
        unioned.steps_count,
        cast(unioned.realised_amount as decimal(38, 4)) as realised_amount,

        -- flags
        unioned.is_converted,
        unioned.is_open,
        {{ days_between('unioned.ended_date', 'as_of.as_of_date') }}
        < {{ var('attribution_period_days') }} as is_in_period,

        -- dates and timestamps
        unioned.ended_date
    from unioned
    cross join as_of
)

select * from final
