with

as_of as (select * from {{ ref('int_as_of') }}),

settled as (select * from {{ ref('int_orders_settled') }}),

refund_events as (select * from {{ ref('int_refund_events_unioned') }}),

-- A return of goods is known as soon as its document is, and a refund as soon as it is delivered.
refunds as (
    select
        refund_events.order_key,
        refund_events.refund_source,
        refund_events.amount_local,
        least(
            greatest(
                refund_events.refund_date, refund_events.refund_load_date, returns.placed_date
            ),
            as_of.as_of_date
        ) as refund_date
    from refund_events
    cross join as_of
    left join settled as returns
        on refund_events.return_order_key = returns.order_key
    where refund_events.order_key is not null
),

events as (
    {% for event in ['placed', 'paid', 'cancelled'] %}
        select
            order_key,
            '{{ event }}' as event_type,
            cast(null as decimal(38, 4)) as amount_local,
            {{ event }}_date as known_date
        from settled
        where {{ event }}_date is not null

        union all

    {% endfor %}
    select
        order_key,
        case when refund_source = 'goods' then 'goods_returned' else 'money_returned' end
            as event_type,
        amount_local,
        refund_date as known_date
    from refunds
),

final as (
    select
        -- keys
        order_key,
        event_type,

        -- measures
        cast(sum(amount_local) as decimal(38, 4)) as amount_local,

        -- dates and timestamps
        known_date
    from events
    group by order_key, event_type, known_date
)

select * from final
