with

orders as (select * from {{ ref('int_orders_valued') }}),

deliveries as (select * from {{ ref('int_orders_unioned') }}),

records as (select * from {{ ref('int_records_clustered') }}),

events as (select * from {{ ref('int_order_events_unioned') }}),

payments as (select * from {{ ref('int_payments_valued') }}),

event_times as (
    select
        order_key,
        min(case when order_event = 'paid' then occurred_at end) as paid_at,
        min(case when order_event = 'shipped' then occurred_at end) as shipped_at,
        min(case when order_event = 'delivered' then occurred_at end) as delivered_at
    from events
    group by order_key
),

payment_times as (
    select
        order_key,
        min(paid_at) as paid_at
    from payments
    where
        order_key is not null
        and payment_type = 'payment'
        and is_succeeded
    group by order_key
),

-- Without a delivery address there is nothing to compare.
gathered as (
    select
        orders.order_key,
        orders.system,
        records.customer_id,
        orders.is_paid,
        orders.net_amount,
        orders.items_count,
        orders.total_amount_local,
        orders.paid_amount_local,
        orders.refunded_amount_local,
        {{ folded_address('deliveries.delivery_address', 'deliveries.delivery_city') }}
            as delivery_key,
        {{ status_word('deliveries.chosen_payment_method') }} as chosen_method,
        {{ status_word('orders.payment_method') }} as used_method,
        orders.ordered_at,
        orders.ordered_date,
        coalesce(event_times.paid_at, payment_times.paid_at) as paid_at,
        event_times.shipped_at,
        event_times.delivered_at,
        orders.promised_at
    from orders
    inner join deliveries
        on
            orders.system = deliveries.system
            and orders.native_order_id = deliveries.native_order_id
    left join records
        on orders.record_key = records.record_key
    left join event_times
        on orders.order_key = event_times.order_key
    left join payment_times
        on orders.order_key = payment_times.order_key
    where orders.order_type <> 'return'
),

-- What is usual of a customer. The median is hardly moved by the order in question.
usual as (
    select
        customer_id,
        count(*) as orders_count,
        median(net_amount) as net_amount,
        median(items_count) as items_count
    from gathered
    where customer_id is not null
    group by customer_id
),

usual_of_channel as (
    select
        system,
        median(net_amount) as net_amount,
        median(items_count) as items_count
    from gathered
    group by system
),

-- Only the largest order of a customer is larger than the largest other one.
ranked as (
    select
        order_key,
        {% for measure in ['net_amount', 'items_count'] %}
            row_number() over (
                partition by customer_id
                order by {{ measure }} desc nulls last, order_key asc nulls last
            ) as {{ measure }}_rank,
            lead({{ measure }}) over (
                partition by customer_id
                order by {{ measure }} desc nulls last, order_key asc nulls last
            ) as next_{{ measure }}
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from gathered
    where customer_id is not null
),

addresses as (
    select
        customer_id,
        delivery_key,
        count(*) as orders_count
    from gathered
    where
        customer_id is not null
        and delivery_key is not null
    group by customer_id, delivery_key
),

address_totals as (
    select
        customer_id,
        sum(orders_count) as orders_count,
        count(*) as addresses_count
    from addresses
    group by customer_id
),

compared as (
    select
        gathered.*,
        coalesce(usual.orders_count >= {{ var('order_review_history_orders') }}, false)
            as has_history,
        gathered.total_amount_local - gathered.paid_amount_local as unpaid_amount_local,
        {% for measure in ['net_amount', 'items_count'] %}
            case
                when usual.orders_count >= {{ var('order_review_history_orders') }}
                    then
                        case
                            when
                                ranked.{{ measure }}_rank = 1
                                and gathered.{{ measure }}
                                >= {{ var('order_review_largest_factor') }}
                                * coalesce(ranked.next_{{ measure }}, 0)
                                then {{ divide('gathered.' ~ measure, 'usual.' ~ measure) }}
                        end
                else {{ divide('gathered.' ~ measure, 'usual_of_channel.' ~ measure) }}
            end as {{ measure }}_ratio,
        {% endfor %}
        case
            when
                addresses.orders_count = 1
                and 2 * address_totals.addresses_count <= address_totals.orders_count
                then address_totals.orders_count
        end as other_address_count
    from gathered
    inner join usual_of_channel
        on gathered.system = usual_of_channel.system
    left join usual
        on gathered.customer_id = usual.customer_id
    left join ranked
        on gathered.order_key = ranked.order_key
    left join addresses
        on
            gathered.customer_id = addresses.customer_id
            and gathered.delivery_key = addresses.delivery_key
    left join address_totals
        on
            -- the key of a join, so that it is an equality
            case when addresses.delivery_key is not null then gathered.customer_id end
            = address_totals.customer_id
),

final as (
    select
        -- keys
        order_key,
        customer_id,
        system,

        -- measures
        {% for measure, ratio in [
            ('amount_times_usual', 'net_amount_ratio'),
            ('quantity_times_usual', 'items_count_ratio'),
        ] %}
            cast(
                case when {{ ratio }} >= 1000000 then 1000000 else floor({{ ratio }}) end as bigint
            ) as {{ measure }},
        {% endfor %}
        cast(other_address_count as bigint) as other_address_orders_count,
        case
            when is_paid and paid_amount_local > 0 and unpaid_amount_local <= 0 then 0
            when is_paid and paid_amount_local > 0
                then
                    cast(
                        floor(
                            {{ divide('100 * unpaid_amount_local', 'total_amount_local') }}
                        ) as bigint
                    )
        end as unpaid_pct,
        cast(floor({{ seconds_between('ordered_at', 'paid_at') }}) as bigint) as until_paid_seconds,
        cast(
            floor({{ seconds_between('coalesce(paid_at, ordered_at)', 'shipped_at') }}) as bigint
        ) as until_shipped_seconds,
        cast(floor({{ seconds_between('shipped_at', 'delivered_at') }}) as bigint)
            as until_delivered_seconds,

        -- flags
        has_history,
        coalesce(chosen_method <> used_method, false) as is_paid_otherwise,
        delivered_at > promised_at as is_late,

        -- dates and timestamps
        ordered_date
    from compared
)

select * from final
