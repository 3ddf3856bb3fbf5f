with

orders as (select * from {{ ref('int_orders_priced') }}),

order_lines as (select * from {{ ref('int_order_lines_signed') }}),

itemised as (
    select
        orders.order_key,
        orders.original_order_key,
        orders.record_key,
        order_lines.order_line_key,
        order_lines.product_key,
        orders.currency,
        orders.fx_rate,
        -order_lines.quantity as quantity,
        cast(-order_lines.net_amount_local as decimal(38, 4)) as amount_local,
        orders.ordered_at,
        orders.ordered_date
    from order_lines
    inner join orders
        on order_lines.order_key = orders.order_key
    where
        order_lines.line_type = 'return'
        and not orders.is_cancelled
),

itemised_totals as (
    select
        order_key,
        sum(amount_local) as amount_local
    from itemised
    group by order_key
),

-- The amount of a return document beyond its lines, or all of it where it has no lines.
unitemised as (
    select
        orders.order_key,
        orders.original_order_key,
        orders.record_key,
        cast(null as bigint) as order_line_key,
        cast(null as bigint) as product_key,
        orders.currency,
        orders.fx_rate,
        cast(null as decimal(38, 4)) as quantity,
        cast(
            orders.return_net_amount_local - coalesce(itemised_totals.amount_local, 0)
            as decimal(38, 4)
        ) as amount_local,
        orders.ordered_at,
        orders.ordered_date
    from orders
    left join itemised_totals
        on orders.order_key = itemised_totals.order_key
    where
        orders.order_type = 'return'
        and not orders.is_cancelled
        and orders.return_net_amount_local <> coalesce(itemised_totals.amount_local, 0)
),

listed as (
    select
        order_key,
        original_order_key,
        record_key,
        order_line_key,
        product_key,
        currency,
        fx_rate,
        quantity,
        amount_local,
        ordered_at,
        ordered_date
    from itemised

    union all

    select
        order_key,
        original_order_key,
        record_key,
        order_line_key,
        product_key,
        currency,
        fx_rate,
        quantity,
        amount_local,
        ordered_at,
        ordered_date
    from unitemised
),

-- A reference counts only if it leads to another document that is not a return, and whose currency
-- is the same or has a rate. The join has nothing but the key, so that it never compares each line
-- with each document.
final as (
    select
        listed.order_key,
        case
            when
                listed.order_key <> referenced.order_key
                and referenced.order_type <> 'return'
                and (
                    listed.currency = referenced.currency
                    or {{ divide('listed.fx_rate', 'referenced.fx_rate') }} is not null
                )
                then referenced.order_key
        end as original_order_key,
        listed.record_key,
        listed.order_line_key,
        listed.product_key,
        listed.currency,
        listed.fx_rate,
        listed.quantity,
        listed.amount_local,
        listed.ordered_at,
        listed.ordered_date
    from listed
    left join orders as referenced
        on listed.original_order_key = referenced.order_key
)

select * from final
