with

activities as (select * from {{ ref('fct_customer_daily_activity') }}),

sessions as (select * from {{ ref('fct_sessions') }}),

{% set sums = ['events_count'] + event_counts() | list %}
-- Sessions by the day on which they began; events over all days, since a session may hold
-- events of two days.
counts as (
    select
        customer_id,
        session_date as activity_date,
        1 as sessions_count,
        case when has_cart_add then 1 else 0 end as cart_sessions_count,
        case when is_cart_abandoned then 1 else 0 end as abandoned_cart_sessions_count
    from sessions
    where customer_id is not null

    union all

    select
        customer_id,
        activity_date,
        -sessions_count as sessions_count,
        -cart_sessions_count as cart_sessions_count,
        -abandoned_cart_sessions_count as abandoned_cart_sessions_count
    from activities
),

events as (
    select
        customer_id,
        {% for measure in sums %}
            {{ measure }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from sessions
    where customer_id is not null

    union all

    select
        customer_id,
        {% for measure in sums %}
            -{{ measure }} as {{ measure }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from activities
),

final as (
    select
        customer_id,
        activity_date
    from counts
    group by customer_id, activity_date
    having
        sum(sessions_count) <> 0
        or sum(cart_sessions_count) <> 0
        or sum(abandoned_cart_sessions_count) <> 0

    union all

    select
        customer_id,
        cast(null as date) as activity_date
    from events
    group by customer_id
    having
        {% for measure in sums %}
            sum({{ measure }}) <> 0{% if not loop.last %} or{% endif %}
        {% endfor %}
)

select * from final
