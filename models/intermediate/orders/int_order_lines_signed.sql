with

orders as (select * from {{ ref('int_orders_seen') }}),

lines as (select * from {{ ref('int_order_lines_classified') }}),

-- A return document takes goods back, even where its lines are written as positive.
signed as (
    select
        orders.order_key,
        orders.record_key,
        orders.order_id || ':' || {{ key_part('lines.line_number') }} as order_line_id,
        lines.product_id,
        lines.line_number,
        lines.line_text,
        lines.line_kind,
        orders.currency,
        case when orders.order_type = 'return' then -abs(lines.quantity) else lines.quantity end
            as quantity,
        lines.unit_price_local,
        -- an amount gets the sign of its line, and stands where there is no price of one unit
        case
            when orders.order_type = 'return' or lines.quantity < 0
                then -abs(lines.line_amount_local)
            else lines.line_amount_local
        end as line_amount_local,
        case
            when orders.order_type = 'return' then -abs(coalesce(lines.discount_amount_local, 0))
            else coalesce(lines.discount_amount_local, 0)
        end as discount_amount_local,
        orders.is_cancelled,
        orders.ordered_at,
        orders.ordered_date
    from lines
    inner join orders
        on
            lines.system = orders.system
            and lines.native_order_id = orders.native_order_id
),

-- A line is worth quantity times price, or its amount.
worth as (
    select
        *,
        coalesce(
            round({{ product_of_amounts('quantity', 'unit_price_local') }}, 4), line_amount_local
        ) as gross_amount_local
    from signed
),

final as (
    select
        -- keys
        {{ hash_key('order_line_id') }} as order_line_key,
        order_key,
        record_key,
        {{ hash_key('product_id') }} as product_key,
        order_line_id,
        product_id,
        line_number,

        -- attributes
        case
            when line_kind in ('shipping', 'packaging', 'tip', 'tax', 'surcharge', 'gift_card')
                then 'charge'
            when quantity < 0 then 'return'
            else 'sale'
        end as line_type,
        case when line_kind not in ('goods', 'service') then line_kind end as charge_kind,
        line_text,
        currency,

        -- measures
        quantity,
        unit_price_local,
        cast(gross_amount_local as decimal(38, 4)) as gross_amount_local,
        cast(discount_amount_local as decimal(38, 4)) as discount_amount_local,
        cast(gross_amount_local - discount_amount_local as decimal(38, 4)) as net_amount_local,

        -- flags
        is_cancelled,

        -- dates and timestamps
        ordered_at,
        ordered_date
    from worth
)

select * from final
