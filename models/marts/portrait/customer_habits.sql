{% set habits = ['payment_method', 'system', 'store', 'hour_slot', 'information_channel'] %}
with

purchases as (select * from {{ ref('int_customer_purchases') }}),

records as (select * from {{ ref('int_records_clustered') }}),

orders as (select * from {{ ref('int_orders_valued') }}),

interests as (select * from {{ ref('int_customer_interests') }}),

record_interests as (select * from {{ ref('int_record_interests') }}),

information_channels as (select * from {{ ref('int_order_information_channels') }}),

sessions as (select * from {{ ref('int_sessions_summarised') }}),

sensitivity as (select * from {{ ref('customer_sensitivity') }}),

hours as (select * from {{ ref('hour_slots') }}),

paid_orders as (
    select
        records.customer_id,
        orders.store_id,
        {{ utc_to_local('orders.ordered_at', business_zone()) }} as ordered_local_at,
        orders.ordered_date
    from orders
    inner join records
        on orders.record_key = records.record_key
    where orders.is_paid
),

-- An order of exactly midnight has no time of day: its system writes dates only.
counted as (
    {% for dimension, habit in {'payment_method': 'payment_method', 'channel': 'system'}.items() %}
        select
            customer_id,
            '{{ habit }}' as habit,
            preference_value as habit_value,
            signals_count as orders_count,
            last_signal_date as last_ordered_date
        from interests
        where dimension = '{{ dimension }}'

        union all
    {% endfor %}

    select
        customer_id,
        'store' as habit,
        store_id as habit_value,
        count(*) as orders_count,
        max(ordered_date) as last_ordered_date
    from paid_orders
    where store_id is not null
    group by customer_id, store_id

    union all

    select
        paid_orders.customer_id,
        'hour_slot' as habit,
        hours.hour_slot as habit_value,
        count(*) as orders_count,
        max(paid_orders.ordered_date) as last_ordered_date
    from paid_orders
    inner join hours
        on extract(hour from paid_orders.ordered_local_at) = hours.hour_of_day
    where
        paid_orders.ordered_local_at
        <> cast(cast(paid_orders.ordered_local_at as date) as timestamp)
    group by paid_orders.customer_id, hours.hour_slot

    union all

    select
        customer_id,
        'information_channel' as habit,
        information_channel as habit_value,
        count(*) as orders_count,
        max(ordered_date) as last_ordered_date
    from information_channels
    group by customer_id, information_channel
),

ranked as (
    select
        *,
        sum(orders_count) over (partition by customer_id, habit) as all_orders_count,
        row_number() over (
            partition by customer_id, habit
            order by
                orders_count desc nulls last,
                last_ordered_date desc nulls last,
                habit_value asc nulls last
        ) as habit_rank
    from counted
),

usual as (
    select
        customer_id,
        {% for habit in habits %}
            max(case when habit = '{{ habit }}' and habit_rank = 1 then habit_value end)
                as {{ habit }},
            max(case when habit = '{{ habit }}' then all_orders_count end)
                as {{ habit }}_orders_count,
            max(case when habit = '{{ habit }}' and habit_rank = 1 then orders_count end)
                as {{ habit }}_usual_orders_count
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from ranked
    group by customer_id
),

product_dates as (
    select
        records.customer_id,
        record_interests.product_key,
        {% for signal, verb in {'product_view': 'viewed', 'purchase': 'bought'}.items() %}
            min(
                case
                    when record_interests.signal = '{{ signal }}'
                        then record_interests.first_signal_date
                end
            ) as first_{{ verb }}_date{% if not loop.last %},{% endif %}
        {% endfor %}
    from record_interests
    inner join records
        on record_interests.record_key = records.record_key
    where
        record_interests.product_key is not null
        and record_interests.signal in ('product_view', 'purchase')
    group by records.customer_id, record_interests.product_key
),

view_times as (
    select
        customer_id,
        count(*) as viewed_purchases_count,
        median({{ days_between('first_viewed_date', 'first_bought_date') }})
            as median_view_to_purchase_days
    from product_dates
    where first_viewed_date <= first_bought_date
    group by customer_id
),

browsing as (
    select
        records.customer_id,
        count(*) as sessions_count,
        count(*) filter (where sessions.events_count = 1) as single_event_sessions_count,
        median(sessions.events_count) as median_events,
        median(sessions.product_views_count) as median_product_views
    from sessions
    inner join records
        on sessions.record_key = records.record_key
    group by records.customer_id
),

final as (
    select
        -- keys
        purchases.customer_id,
        purchases.as_of_date,

        -- attributes
        usual.payment_method as usual_payment_method,
        usual.system as usual_system,
        usual.store as usual_store_id,
        usual.hour_slot as usual_hour_slot,
        usual.information_channel as usual_information_channel,

        -- measures
        {% for habit in habits %}
            cast(coalesce(usual.{{ habit }}_orders_count, 0) as bigint)
                as {{ habit }}_orders_count,
            {{ divide(
                '100 * usual.' ~ habit ~ '_usual_orders_count', 'usual.' ~ habit ~ '_orders_count'
            ) }} as usual_{{ habit }}_share_pct,
        {% endfor %}
        sensitivity.coupon_trials_count,
        sensitivity.coupon_share_pct,
        cast(coalesce(view_times.viewed_purchases_count, 0) as bigint) as viewed_purchases_count,
        cast(view_times.median_view_to_purchase_days as double) as median_view_to_purchase_days,
        cast(coalesce(browsing.sessions_count, 0) as bigint) as sessions_count,
        cast(browsing.median_events as double) as median_events_per_session,
        cast(browsing.median_product_views as double) as median_product_views_per_session,
        {{ divide('100 * browsing.single_event_sessions_count', 'browsing.sessions_count') }}
            as single_event_sessions_share_pct
    from purchases
    inner join sensitivity
        on purchases.customer_id = sensitivity.customer_id
    left join usual
        on purchases.customer_id = usual.customer_id
    left join view_times
        on purchases.customer_id = view_times.customer_id
    left join browsing
        on purchases.customer_id = browsing.customer_id
)

select * from final
