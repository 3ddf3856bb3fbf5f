with

events as (select * from {{ ref('int_order_events_unioned') }}),

orders as (select * from {{ ref('int_orders_valued') }}),

records as (select * from {{ ref('int_records_clustered') }}),

steps as (select * from {{ ref('order_steps') }}),

placed as (
    select
        events.*,
        steps.step_number
    from events
    left join steps
        on events.order_event = steps.order_event
),

-- Steps of one moment are taken in the order of the way.
sequenced as (
    select
        *,
        lag(occurred_at) over (
            partition by order_key
            order by
                occurred_at asc nulls last,
                step_number asc nulls last,
                order_event_id asc nulls last
        ) as previous_at,
        min(occurred_at) over (partition by order_key) as first_at,
        max(step_number) over (
            partition by order_key
            order by
                occurred_at asc nulls last,
                step_number asc nulls last,
                order_event_id asc nulls last
            rows between unbounded preceding and 1 preceding
        ) as furthest_step_number,
        case
            when order_event is not null
                then
                    row_number() over (
                        partition by order_key, order_event
                        order by occurred_at asc nulls last, order_event_id asc nulls last
                    )
        end as occurrence_number
    from placed
),

-- An order without a log has no steps that it could miss.
reached as (
    select
        order_key,
        max(step_number) as reached_step_number
    from placed
    group by order_key
    having count(*) filter (where event_source = 'log') > 0
),

-- Nor can it miss what no order of its system ever had: the shop does not note that step.
noted_steps as (
    select distinct
        orders.system,
        placed.order_event
    from placed
    inner join orders
        on placed.order_key = orders.order_key
),

had_steps as (
    select distinct
        order_key,
        order_event
    from placed
),

missing as (
    select
        reached.order_key,
        steps.order_event,
        steps.step_number
    from reached
    inner join orders
        on reached.order_key = orders.order_key
    inner join noted_steps
        on orders.system = noted_steps.system
    inner join steps
        on
            noted_steps.order_event = steps.order_event
            and steps.is_expected
            and reached.reached_step_number > steps.step_number
    left join had_steps
        on
            reached.order_key = had_steps.order_key
            and steps.order_event = had_steps.order_event
    where had_steps.order_key is null
),

listed as (
    select
        order_event_id,
        order_key,
        event_source,
        order_event,
        event_word,
        actor,
        carrier,
        tracking_number,
        place,
        note,
        step_number,
        case
            when step_number is null then 'beside'
            when occurrence_number > 1 then 'repeated'
            when furthest_step_number > step_number then 'out_of_order'
            else 'in_order'
        end as step_state,
        {{ seconds_between('previous_at', 'occurred_at') }} as seconds_since_previous,
        {{ seconds_between('first_at', 'occurred_at') }} as seconds_since_first,
        occurred_at,
        occurred_date
    from sequenced

    union all

    select
        'missing:' || orders.order_id || ':' || missing.order_event as order_event_id,
        missing.order_key,
        cast(null as string) as event_source,
        missing.order_event,
        cast(null as string) as event_word,
        cast(null as string) as actor,
        cast(null as string) as carrier,
        cast(null as string) as tracking_number,
        cast(null as string) as place,
        cast(null as string) as note,
        missing.step_number,
        'missing' as step_state,
        cast(null as double) as seconds_since_previous,
        cast(null as double) as seconds_since_first,
        cast(null as timestamp) as occurred_at,
        cast(null as date) as occurred_date
    from missing
    inner join orders
        on missing.order_key = orders.order_key
),

final as (
    select
        -- keys
        listed.order_event_id,
        orders.order_id,
        records.customer_id,
        orders.system,

        -- attributes
        listed.event_source,
        listed.order_event,
        listed.event_word,
        listed.step_state,
        listed.actor,
        listed.carrier,
        listed.tracking_number,
        listed.place,
        listed.note,

        -- measures
        listed.step_number,
        cast(floor(listed.seconds_since_previous) as bigint) as since_previous_seconds,
        cast(floor(listed.seconds_since_first) as bigint) as since_first_seconds,

        -- dates and timestamps
        listed.occurred_at,
        listed.occurred_date
    from listed
    inner join orders
        on listed.order_key = orders.order_key
    left join records
        on orders.record_key = records.record_key
)

select * from final
