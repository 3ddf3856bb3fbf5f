{% set kinds = {
    'refund': ('paid_orders_count', 'refunded_orders_count'),
    'cancellation': ('orders_count', 'cancelled_orders_count'),
    'unpaid': ('orders_count', 'overdue_orders_count'),
} %}
with

outcomes as (select * from {{ ref('int_order_outcomes_judged') }}),

counted as (
    select
        customer_id,
        count(*) as orders_count,
        count(*) filter (where is_paid) as paid_orders_count,
        count(*) filter (where has_refund) as refunded_orders_count,
        count(*) filter (where is_cancelled) as cancelled_orders_count,
        count(*) filter (where is_overdue) as overdue_orders_count,
        sum(case when is_paid then net_amount end) as paid_net_amount,
        sum(case when has_refund then refunded_amount end) as refunded_amount,
        max(case when has_refund then ordered_date end) as last_refund_date,
        max(case when is_cancelled then ordered_date end) as last_cancellation_date,
        max(case when is_overdue then ordered_date end) as last_unpaid_date
    from outcomes
    group by customer_id
),

-- The mean would be that of a few who buy in bulk.
usual as (
    select median(net_amount) as usual_net_amount
    from outcomes
    where is_paid
),

everybody as (
    select
        {% for kind, (trials, successes) in kinds.items() %}
            {{ divide('sum(' ~ successes ~ ')', 'sum(' ~ trials ~ ')') }} as {{ kind }}_share
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from counted
),

final as (
    select
        -- keys
        counted.customer_id,

        -- measures
        counted.orders_count,
        counted.paid_orders_count,
        counted.refunded_orders_count,
        counted.cancelled_orders_count,
        counted.overdue_orders_count,
        counted.paid_net_amount,
        counted.refunded_amount,
        usual.usual_net_amount,
        {% for kind, (trials, successes) in kinds.items() %}
            {{ wilson_bound('counted.' ~ successes, 'counted.' ~ trials, 'lower') }}
                as {{ kind }}_lower_share,
            everybody.{{ kind }}_share as everybody_{{ kind }}_share,
        {% endfor %}

        -- dates and timestamps
        counted.last_refund_date,
        counted.last_cancellation_date,
        counted.last_unpaid_date
    from counted
    cross join everybody
    cross join usual
)

select * from final
