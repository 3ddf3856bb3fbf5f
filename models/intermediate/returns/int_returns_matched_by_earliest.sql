with

return_lines as (select * from {{ ref('int_return_lines_listed') }}),

order_lines as (select * from {{ ref('int_order_lines_signed') }}),

referenced as (select * from {{ ref('int_returns_referenced') }}),

by_quantity as (select * from {{ ref('int_returns_matched_by_quantity') }}),

already_returned as (
    select
        sale_line_key,
        to_unit - from_unit as quantity
    from referenced
    where sale_line_key is not null

    union all

    select
        sale_line_key,
        to_unit - from_unit as quantity
    from by_quantity
),

returned_totals as (
    select
        sale_line_key,
        sum(quantity) as quantity
    from already_returned
    group by sale_line_key
),

-- The units that are left of sales form a queue, and the units that are left of returns take the
-- oldest ones off.
movements as (
    select
        order_lines.record_key,
        order_lines.product_key,
        order_lines.currency,
        order_lines.order_key,
        order_lines.order_line_key,
        order_lines.ordered_at,
        'sale' as movement_type,
        order_lines.quantity - coalesce(returned_totals.quantity, 0) as quantity,
        order_lines.quantity - coalesce(returned_totals.quantity, 0) as movement
    from order_lines
    left join returned_totals
        on order_lines.order_line_key = returned_totals.sale_line_key
    where
        order_lines.line_type = 'sale'
        and order_lines.quantity > coalesce(returned_totals.quantity, 0)
        and not order_lines.is_cancelled
        and order_lines.record_key is not null
        and order_lines.product_key is not null

    union all

    select
        return_lines.record_key,
        return_lines.product_key,
        return_lines.currency,
        return_lines.order_key,
        return_lines.order_line_key,
        return_lines.ordered_at,
        'return' as movement_type,
        return_lines.quantity,
        -return_lines.quantity as movement
    from return_lines
    left join by_quantity
        on return_lines.order_line_key = by_quantity.return_line_key
    where
        return_lines.original_order_key is null
        and return_lines.record_key is not null
        and return_lines.product_key is not null
        and by_quantity.return_line_key is null
),

summed as (
    select
        record_key,
        product_key,
        currency,
        order_key,
        order_line_key,
        ordered_at,
        movement_type,
        quantity,
        movement,
        sum(movement) over (
            partition by record_key, product_key, currency
            order by
                ordered_at asc nulls last,
                movement_type desc nulls last,
                order_line_key asc nulls last
            rows between unbounded preceding and current row
        ) as balance
    from movements
),

floored as (
    select
        record_key,
        product_key,
        currency,
        order_key,
        order_line_key,
        ordered_at,
        movement_type,
        quantity,
        movement,
        least(
            0,
            min(balance) over (
                partition by record_key, product_key, currency
                order by
                    ordered_at asc nulls last,
                    movement_type desc nulls last,
                    order_line_key asc nulls last
                rows between unbounded preceding and current row
            )
        ) as lowest_balance
    from summed
),

-- Where the lowest balance so far falls, that part of a return found the queue empty.
matchable as (
    select
        record_key,
        product_key,
        currency,
        order_key,
        order_line_key,
        ordered_at,
        movement_type,
        case
            when movement_type = 'sale' then quantity
            else
                quantity
                - coalesce(
                    lag(lowest_balance) over (
                        partition by record_key, product_key, currency
                        order by
                            ordered_at asc nulls last,
                            movement_type desc nulls last,
                            order_line_key asc nulls last
                    ),
                    0
                )
                + lowest_balance
        end as quantity
    from floored
),

spans as (
    select
        record_key,
        product_key,
        currency,
        order_key,
        order_line_key,
        ordered_at,
        movement_type,
        quantity,
        sum(quantity) over (
            partition by record_key, product_key, currency, movement_type
            order by ordered_at asc nulls last, order_line_key asc nulls last
            rows between unbounded preceding and current row
        ) as to_unit
    from matchable
    where quantity > 0
),

-- It can fan out: a return may take back units of several sales.
final as (
    select
        returned.order_key as return_order_key,
        returned.order_line_key as return_line_key,
        sold.order_key as sale_order_key,
        sold.order_line_key as sale_line_key,
        greatest(returned.to_unit - returned.quantity, sold.to_unit - sold.quantity)
        - (returned.to_unit - returned.quantity) as from_unit,
        least(returned.to_unit, sold.to_unit) - (returned.to_unit - returned.quantity) as to_unit
    from spans as returned
    inner join spans as sold
        on
            returned.record_key = sold.record_key
            and returned.product_key = sold.product_key
            and returned.currency = sold.currency
            and returned.to_unit - returned.quantity < sold.to_unit
            and sold.to_unit - sold.quantity < returned.to_unit
    where
        returned.movement_type = 'return'
        and sold.movement_type = 'sale'
)

select * from final
