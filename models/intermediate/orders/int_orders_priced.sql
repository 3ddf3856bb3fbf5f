with

orders as (select * from {{ ref('int_orders_seen') }}),

order_lines as (select * from {{ ref('int_order_lines_signed') }}),

fx_rates as (select * from {{ ref('int_fx_rates_daily') }}),

line_totals as (
    select
        order_key,
        count(*) as lines_count,
        sum(gross_amount_local) as gross_amount_local,
        sum(discount_amount_local) as discount_amount_local,
        sum(net_amount_local) as net_amount_local,
        sum(case when line_type = 'sale' then quantity else 0 end) as items_count,
        coalesce(-sum(gross_amount_local) filter (where line_type = 'return'), 0)
            as return_gross_amount_local,
        coalesce(-sum(net_amount_local) filter (where line_type = 'return'), 0)
            as return_net_amount_local,
        count(*) filter (where line_type = 'sale') as sale_line_count
    from order_lines
    group by order_key
),

typed as (
    select
        orders.order_key,
        orders.header_gross_amount_local,
        orders.header_discount_amount_local,
        orders.header_net_amount_local,
        line_totals.gross_amount_local as line_gross_amount_local,
        line_totals.discount_amount_local as line_discount_amount_local,
        line_totals.net_amount_local as line_net_amount_local,
        case
            when orders.order_type = 'return' then 'return'
            when line_totals.lines_count > 0 and line_totals.sale_line_count = 0 then 'return'
            when
                line_totals.lines_count is null
                and coalesce(orders.header_net_amount_local, orders.header_gross_amount_local) < 0
                then 'return'
            when orders.order_type = 'service' then 'service'
            else 'sale'
        end as order_type
    from orders
    left join line_totals
        on orders.order_key = line_totals.order_key
),

-- A return document has a negative amount, even where its header is written as positive; its
-- discount makes it smaller.
signed as (
    select
        order_key,
        order_type,
        line_gross_amount_local,
        line_discount_amount_local,
        line_net_amount_local,
        case
            when order_type = 'return' then -abs(header_gross_amount_local)
            else header_gross_amount_local
        end as header_gross_amount_local,
        case
            when order_type = 'return' then -abs(header_discount_amount_local)
            else header_discount_amount_local
        end as header_discount_amount_local,
        case
            when order_type = 'return' then -abs(header_net_amount_local)
            else header_net_amount_local
        end as header_net_amount_local
    from typed
),

-- The header says what the customer was charged; where it says nothing, the lines do.
charged as (
    select
        order_key,
        order_type,
        coalesce(
            header_net_amount_local,
            header_gross_amount_local
            - coalesce(header_discount_amount_local, line_discount_amount_local, 0),
            line_net_amount_local - coalesce(header_discount_amount_local, 0)
        ) as net_amount_local,
        coalesce(
            header_gross_amount_local,
            line_gross_amount_local,
            header_net_amount_local + coalesce(header_discount_amount_local, 0)
        ) as gross_amount_local
    from signed
),

priced as (
    select
        order_key,
        order_type,
        net_amount_local is not null as has_amount,
        case
            when order_type = 'return' then -abs(coalesce(net_amount_local, 0))
            else coalesce(net_amount_local, 0)
        end as net_amount_local,
        case
            when order_type = 'return' then -abs(coalesce(gross_amount_local, net_amount_local, 0))
            else coalesce(gross_amount_local, net_amount_local, 0)
        end as gross_amount_local
    from charged
),

final as (
    select
        -- keys
        orders.order_key,
        orders.record_key,
        orders.original_order_key,
        orders.order_id,
        orders.system,
        orders.native_order_id,
        orders.native_customer_id,
        orders.store_id,

        -- attributes
        priced.order_type,
        orders.status_word,
        orders.status,
        orders.currency,
        orders.coupon_code,
        orders.payment_method,

        -- measures
        cast(priced.gross_amount_local as decimal(38, 4)) as gross_amount_local,
        cast(priced.gross_amount_local - priced.net_amount_local as decimal(38, 4))
            as discount_amount_local,
        cast(priced.net_amount_local as decimal(38, 4)) as net_amount_local,
        cast(priced.net_amount_local - coalesce(line_totals.net_amount_local, 0) as decimal(38, 4))
            as unitemised_amount_local,
        -- what the document takes back: its return lines, or everything in a return document
        cast(
            case
                when priced.order_type = 'return' then -priced.gross_amount_local
                else coalesce(line_totals.return_gross_amount_local, 0)
            end as decimal(38, 4)
        ) as return_gross_amount_local,
        cast(
            case
                when priced.order_type = 'return' then -priced.net_amount_local
                else coalesce(line_totals.return_net_amount_local, 0)
            end as decimal(38, 4)
        ) as return_net_amount_local,
        cast(coalesce(line_totals.items_count, 0) as decimal(38, 4)) as items_count,
        coalesce(line_totals.lines_count, 0) as lines_count,
        {{ rate_or_one('orders.currency', 'fx_rates.rate') }} as fx_rate,

        -- flags
        orders.is_paid_by_status,
        orders.is_cancelled,
        priced.has_amount,

        -- dates and timestamps
        orders.ordered_at,
        orders.ordered_date,
        orders.cancelled_at
    from orders
    inner join priced
        on orders.order_key = priced.order_key
    left join line_totals
        on orders.order_key = line_totals.order_key
    left join fx_rates
        on
            orders.currency = fx_rates.currency
            and orders.ordered_date = fx_rates.valid_date
)

select * from final
