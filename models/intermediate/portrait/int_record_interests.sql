with

subjects as (select * from {{ ref('int_event_subjects') }}),

orders as (select * from {{ ref('int_orders_valued') }}),

deliveries as (select * from {{ ref('int_orders_seen') }}),

order_lines as (select * from {{ ref('int_order_lines_valued') }}),

interest_weights as (select * from {{ ref('interest_weights') }}),

as_of as (select * from {{ ref('int_as_of') }}),

event_interests as (
    select
        subjects.record_key,
        subjects.event_type as signal,
        subjects.product_id,
        case when subjects.product_id is null then subjects.page end as page,
        count(*) as signals_count,
        sum({{ faded_weight(
            'interest_weights.interest_weight', 'subjects.occurred_date', 'as_of.as_of_date'
        ) }}) as faded_weight,
        min(subjects.occurred_date) as first_signal_date,
        max(subjects.occurred_date) as last_signal_date
    from subjects
    inner join interest_weights
        on subjects.event_type = interest_weights.signal
    cross join as_of
    where coalesce(subjects.product_id, subjects.page) is not null
    group by
        subjects.record_key,
        subjects.event_type,
        subjects.product_id,
        case when subjects.product_id is null then subjects.page end
),

line_returns as (
    select
        order_key,
        sum(returned_quantity) as returned_quantity,
        sum(returned_amount_local) as returned_amount_local
    from order_lines
    where line_type = 'sale'
    group by order_key
),

-- What an order says that its lines do not: money back without goods counts against all its lines,
-- and where nobody knows an amount, the status alone may say that all came back.
kept_orders as (
    select
        orders.order_key,
        case
            when orders.has_amount and orders.net_amount_local > 0
                then
                    case
                        when orders.realised_amount_local <= 0 then 0
                        when orders.net_amount_local > line_returns.returned_amount_local
                            then
                                least(
                                    {{ divide(
                                        'orders.realised_amount_local',
                                        'orders.net_amount_local'
                                        ~ ' - line_returns.returned_amount_local'
                                    ) }},
                                    1
                                )
                        else 1
                    end
            when line_returns.returned_quantity = 0 and deliveries.refunded_date is not null then 0
            else 1
        end as kept_share
    from orders
    inner join line_returns
        on orders.order_key = line_returns.order_key
    left join deliveries
        on orders.order_key = deliveries.order_key
    where orders.is_paid
),

-- What was kept: a line that came back whole, or that was never paid, says nothing for its product.
purchase_interests as (
    select
        order_lines.record_key,
        interest_weights.signal,
        order_lines.product_key,
        count(*) as signals_count,
        sum({{ faded_weight(
            'interest_weights.interest_weight * kept_orders.kept_share',
            'order_lines.ordered_date',
            'as_of.as_of_date'
        ) }}) as faded_weight,
        min(order_lines.ordered_date) as first_signal_date,
        max(order_lines.ordered_date) as last_signal_date
    from order_lines
    inner join kept_orders
        on order_lines.order_key = kept_orders.order_key
    inner join interest_weights
        on interest_weights.signal = 'purchase'
    cross join as_of
    where
        order_lines.record_key is not null
        and order_lines.product_key is not null
        and order_lines.line_type = 'sale'
        and order_lines.returned_quantity < order_lines.quantity
        and kept_orders.kept_share > 0
    group by order_lines.record_key, interest_weights.signal, order_lines.product_key
),

final as (
    select
        -- keys
        record_key,
        signal,
        {{ hash_key('product_id') }} as product_key,
        page,

        -- measures
        signals_count,
        cast(faded_weight as decimal(38, 8)) as faded_weight,

        -- dates and timestamps
        first_signal_date,
        last_signal_date
    from event_interests

    union all

    select
        record_key,
        signal,
        product_key,
        cast(null as string) as page,
        signals_count,
        cast(faded_weight as decimal(38, 8)) as faded_weight,
        first_signal_date,
        last_signal_date
    from purchase_interests
)

select * from final
