{% set prior = var('active_period_prior_count') %}
{% set weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] %}
with

activities as (select * from {{ ref('fct_customer_daily_activity') }}),

records as (select * from {{ ref('int_records_clustered') }}),

orders as (select * from {{ ref('int_orders_valued') }}),

hours as (select * from {{ ref('hour_slots') }}),

as_of as (select * from {{ ref('int_as_of') }}),

recent_days as (
    select activities.*
    from activities
    cross join as_of
    where {{ in_window('activities.activity_date', 'as_of.as_of_date', '90d') }}
),

slot_totals as (
    select
        customer_id,
        {% for slot in hour_slots() %}
            sum(events_{{ slot }}_count) as events_{{ slot }}_count,
            max(case when events_{{ slot }}_count > 0 then activity_date end)
                as last_{{ slot }}_date
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from recent_days
    where events_count > 0
    group by customer_id
),

recent_orders as (
    select
        records.customer_id,
        {{ utc_to_local('orders.ordered_at', business_zone()) }} as ordered_local_at,
        orders.ordered_date
    from orders
    cross join as_of
    inner join records
        on orders.record_key = records.record_key
    where
        orders.order_type <> 'return'
        and {{ in_window('orders.ordered_date', 'as_of.as_of_date', '90d') }}
),

-- An order of exactly midnight has no time of day: its system writes dates only.
order_slots as (
    select
        recent_orders.customer_id,
        hours.hour_slot as period,
        count(*) as orders_count,
        max(recent_orders.ordered_date) as last_active_date
    from recent_orders
    inner join hours
        on extract(hour from recent_orders.ordered_local_at) = hours.hour_of_day
    where
        recent_orders.ordered_local_at
        <> cast(cast(recent_orders.ordered_local_at as date) as timestamp)
    group by recent_orders.customer_id, hours.hour_slot
),

weekday_totals as (
    select
        customer_id,
        {{ iso_weekday('activity_date') }} as period_number,
        sum(events_count) as events_count,
        sum(orders_count) as orders_count,
        max(activity_date) as last_active_date
    from recent_days
    where events_count + orders_count > 0
    group by customer_id, {{ iso_weekday('activity_date') }}
),

counted as (
    {% for slot, hour_slot in hour_slots().items() %}
        select
            customer_id,
            'hour_slot' as period_kind,
            '{{ hour_slot }}' as period,
            events_{{ slot }}_count as events_count,
            0 as orders_count,
            last_{{ slot }}_date as last_active_date
        from slot_totals

        union all
    {% endfor %}

    select
        customer_id,
        'hour_slot' as period_kind,
        period,
        0 as events_count,
        orders_count,
        last_active_date
    from order_slots

    union all

    select
        customer_id,
        'weekday' as period_kind,
        case period_number
            {% for weekday in weekdays %}
                when {{ loop.index }} then '{{ weekday }}'
            {% endfor %}
        end as period,
        events_count,
        orders_count,
        last_active_date
    from weekday_totals
),

periods as (
    select
        customer_id,
        period_kind,
        period,
        sum(events_count) as events_count,
        sum(orders_count) as orders_count,
        sum(events_count) + sum(orders_count) as activities_count,
        max(last_active_date) as last_active_date
    from counted
    group by customer_id, period_kind, period
    having sum(events_count) + sum(orders_count) > 0
),

customer_totals as (
    select
        customer_id,
        period_kind,
        sum(activities_count) as customer_activities_count
    from periods
    group by customer_id, period_kind
),

period_totals as (
    select
        period_kind,
        period,
        sum(activities_count) as period_activities_count
    from periods
    group by period_kind, period
),

kind_totals as (
    select
        period_kind,
        sum(activities_count) as kind_activities_count
    from periods
    group by period_kind
),

period_shares as (
    select
        period_totals.period_kind,
        period_totals.period,
        {{ divide('period_totals.period_activities_count', 'kind_totals.kind_activities_count') }}
            as everybody_share
    from period_totals
    inner join kind_totals
        on period_totals.period_kind = kind_totals.period_kind
),

-- The share of a customer who did little is drawn towards that of everybody.
compared as (
    select
        periods.*,
        customer_totals.customer_activities_count,
        period_shares.everybody_share,
        {{ divide(
            'periods.activities_count + ' ~ prior ~ ' * period_shares.everybody_share',
            '(customer_totals.customer_activities_count + ' ~ prior ~ ') * period_shares.everybody_share',
            'decimal(18, 8)'
        ) }} as share_against_everybody
    from periods
    inner join customer_totals
        on
            periods.customer_id = customer_totals.customer_id
            and periods.period_kind = customer_totals.period_kind
    inner join period_shares
        on
            periods.period_kind = period_shares.period_kind
            and periods.period = period_shares.period
),

-- Of equal periods the one with the later activity leads; of equal hours of one day, the earlier.
-- Two weekdays have no day in common.
ranked as (
    select
        *,
        row_number() over (
            partition by customer_id, period_kind
            order by
                activities_count desc nulls last,
                last_active_date desc nulls last,
                period asc nulls last
        ) as activity_rank,
        row_number() over (
            partition by customer_id, period_kind
            order by
                share_against_everybody desc nulls last,
                last_active_date desc nulls last,
                period asc nulls last
        ) as distinction_rank
    from compared
),

final as (
    select
        -- keys
        ranked.customer_id,
        ranked.period_kind,
        ranked.period,
        as_of.as_of_date,

        -- measures
        cast(ranked.events_count as bigint) as events_90d_count,
        cast(ranked.orders_count as bigint) as orders_90d_count,
        {{ divide('100 * ranked.activities_count', 'ranked.customer_activities_count') }}
            as share_90d_pct,
        100 * ranked.everybody_share as everybody_share_90d_pct,
        cast(ranked.share_against_everybody as double) as share_against_everybody,

        -- flags
        ranked.activity_rank = 1
        and ranked.customer_activities_count >= {{ var('active_period_minimum_count') }}
            as is_most_active,
        ranked.distinction_rank = 1 and ranked.share_against_everybody > 1 as is_most_typical
    from ranked
    cross join as_of
)

select * from final
