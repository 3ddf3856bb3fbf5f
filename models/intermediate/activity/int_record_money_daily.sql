{% set amounts = ['gross', 'net', 'paid_net', 'cancelled', 'open', 'refunded'] %}
with

orders as (select * from {{ ref('int_orders_valued') }}),

refund_events as (select * from {{ ref('int_refund_events_unioned') }}),

-- An order's sale side: what it takes back itself is among the refunds, on its own date.
placed as (
    select
        record_key,
        ordered_date as activity_date,
        1 as orders_count,
        case when is_paid then 1 else 0 end as paid_orders_count,
        case when first_refund_date is not null then 1 else 0 end as returned_orders_count,
        items_count,
        {{ in_reporting_currency('gross_amount_local + return_gross_amount_local', 'fx_rate') }}
            as gross_amount,
        {{ in_reporting_currency('net_amount_local + return_net_amount_local', 'fx_rate') }}
            as net_amount,
        case
            when is_cancelled
                then
                    {{ in_reporting_currency(
                        'cancelled_amount_local + return_net_amount_local', 'fx_rate'
                    ) }}
            else 0
        end as cancelled_amount,
        open_amount
    from orders
    where order_type <> 'return'
),

activities as (
    select
        record_key,
        activity_date,
        orders_count,
        paid_orders_count,
        case when paid_orders_count = 1 and net_amount is not null then 1 else 0 end
            as valued_paid_orders_count,
        returned_orders_count,
        items_count,
        gross_amount,
        net_amount,
        case when paid_orders_count = 1 then net_amount else 0 end as paid_net_amount,
        cancelled_amount,
        open_amount,
        0 as refunded_amount
    from placed

    union all

    select
        record_key,
        refund_date as activity_date,
        0 as orders_count,
        0 as paid_orders_count,
        0 as valued_paid_orders_count,
        0 as returned_orders_count,
        0 as items_count,
        0 as gross_amount,
        0 as net_amount,
        0 as paid_net_amount,
        0 as cancelled_amount,
        0 as open_amount,
        amount as refunded_amount
    from refund_events
    where is_counted
),

days as (
    select
        record_key,
        activity_date,
        sum(orders_count) as orders_count,
        sum(paid_orders_count) as paid_orders_count,
        sum(valued_paid_orders_count) as valued_paid_orders_count,
        sum(returned_orders_count) as returned_orders_count,
        sum(items_count) as items_count,
        {% for amount in amounts %}
            sum({{ amount }}_amount) as {{ amount }}_amount{% if not loop.last %},{% endif %}
        {% endfor %}
    from activities
    group by record_key, activity_date
),

final as (
    select
        -- keys
        record_key,
        activity_date,

        -- measures
        orders_count,
        paid_orders_count,
        valued_paid_orders_count,
        returned_orders_count,
        cast(items_count as decimal(38, 4)) as items_count,
        {% for amount in amounts %}
            cast({{ amount }}_amount as decimal(38, 4)) as {{ amount }}_amount,
        {% endfor %}
        cast(
            coalesce(net_amount, 0)
            - coalesce(cancelled_amount, 0)
            - coalesce(open_amount, 0)
            - coalesce(refunded_amount, 0) as decimal(38, 4)
        ) as realised_amount
    from days
)

select * from final
