with

orders as (select * from {{ ref('int_orders_valued') }}),

refund_events as (select * from {{ ref('int_refund_events_unioned') }}),

visit_days as (select * from {{ ref('int_record_visits_daily') }}),

-- An order's sale side: what it takes back itself stands among the refunds, on its own date.
placed as (
    select
        record_key,
        ordered_date as activity_date,
        1 as orders_count,
        case when is_paid then 1 else 0 end as paid_orders_count,
        case when first_refund_date is not null then 1 else 0 end as returned_orders_count,
        items_count,
        (gross_amount_local + return_gross_amount_local) * fx_rate as gross_amount,
        (net_amount_local + return_net_amount_local) * fx_rate as net_amount,
        case when is_paid then (net_amount_local + return_net_amount_local) * fx_rate else 0 end
            as paid_net_amount,
        case
            when is_cancelled then (cancelled_amount_local + return_net_amount_local) * fx_rate
            else 0
        end as cancelled_amount,
        open_amount_local * fx_rate as open_amount,
        0 as refunded_amount
    from orders
    where
        order_type <> 'return'
        and record_key is not null
),

refunded as (
    select
        record_key,
        refund_date as activity_date,
        0 as orders_count,
        0 as paid_orders_count,
        0 as returned_orders_count,
        0 as items_count,
        0 as gross_amount,
        0 as net_amount,
        0 as paid_net_amount,
        0 as cancelled_amount,
        0 as open_amount,
        amount as refunded_amount
    from refund_events
    where
        is_counted
        and record_key is not null
),

activities as (
    select
        record_key,
        activity_date,
        orders_count,
        paid_orders_count,
        returned_orders_count,
        items_count,
        gross_amount,
        net_amount,
        paid_net_amount,
        cancelled_amount,
        open_amount,
        refunded_amount
    from placed

    union all

    select
        record_key,
        activity_date,
        orders_count,
        paid_orders_count,
        returned_orders_count,
        items_count,
        gross_amount,
        net_amount,
        paid_net_amount,
        cancelled_amount,
        open_amount,
        refunded_amount
    from refunded
),

money_days as (
    select
        record_key,
        activity_date,
        sum(orders_count) as orders_count,
        sum(paid_orders_count) as paid_orders_count,
        sum(returned_orders_count) as returned_orders_count,
        cast(sum(items_count) as decimal(18, 4)) as items_count,
        cast(sum(round(gross_amount, 4)) as decimal(18, 4)) as gross_amount,
        cast(sum(round(net_amount, 4)) as decimal(18, 4)) as net_amount,
        cast(sum(round(paid_net_amount, 4)) as decimal(18, 4)) as paid_net_amount,
        cast(sum(round(cancelled_amount, 4)) as decimal(18, 4)) as cancelled_amount,
        cast(sum(round(open_amount, 4)) as decimal(18, 4)) as open_amount,
        cast(sum(refunded_amount) as decimal(18, 4)) as refunded_amount
    from activities
    group by record_key, activity_date
),

-- On a day of visits alone the amounts are left open: such a day of one record must not turn the
-- unknown amount of another record of the customer into a zero.
final as (
    select
        -- keys
        coalesce(money_days.record_key, visit_days.record_key) as record_key,
        coalesce(money_days.activity_date, visit_days.activity_date) as activity_date,

        -- measures
        coalesce(money_days.orders_count, 0) as orders_count,
        coalesce(money_days.paid_orders_count, 0) as paid_orders_count,
        coalesce(money_days.returned_orders_count, 0) as returned_orders_count,
        cast(coalesce(money_days.items_count, 0) as decimal(18, 4)) as items_count,
        money_days.gross_amount,
        money_days.net_amount,
        money_days.paid_net_amount,
        money_days.cancelled_amount,
        money_days.open_amount,
        money_days.refunded_amount,
        {% for measure in visit_measures() %}
            coalesce(visit_days.{{ measure }}, 0) as {{ measure }},
        {% endfor %}

        -- flags
        money_days.record_key is null as is_visit_only
    from money_days
    full outer join visit_days
        on
            money_days.record_key = visit_days.record_key
            and money_days.activity_date = visit_days.activity_date
)

select * from final
