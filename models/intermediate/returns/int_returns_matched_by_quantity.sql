with

return_lines as (select * from {{ ref('int_return_lines_listed') }}),

order_lines as (select * from {{ ref('int_order_lines_signed') }}),

referenced as (select * from {{ ref('int_returns_referenced') }}),

referenced_sales as (
    select sale_line_key
    from referenced
    where sale_line_key is not null
    group by sale_line_key
),

-- A sale puts an item on a stack, and a return of the same quantity takes the top one off.
movements as (
    select
        order_lines.record_key,
        order_lines.product_key,
        order_lines.currency,
        order_lines.quantity,
        order_lines.order_key,
        order_lines.order_line_key,
        order_lines.ordered_at,
        1 as movement
    from order_lines
    left join referenced_sales
        on order_lines.order_line_key = referenced_sales.sale_line_key
    where
        order_lines.line_type = 'sale'
        and order_lines.quantity > 0
        and not order_lines.is_cancelled
        and order_lines.record_key is not null
        and order_lines.product_key is not null
        and referenced_sales.sale_line_key is null

    union all

    select
        record_key,
        product_key,
        currency,
        quantity,
        order_key,
        order_line_key,
        ordered_at,
        -1 as movement
    from return_lines
    where
        original_order_key is null
        and record_key is not null
        and product_key is not null
),

summed as (
    select
        record_key,
        product_key,
        currency,
        quantity,
        order_key,
        order_line_key,
        ordered_at,
        movement,
        sum(movement) over (
            partition by record_key, product_key, currency, quantity
            order by
                ordered_at asc nulls last,
                movement desc nulls last,
                order_line_key asc nulls last
            rows between unbounded preceding and current row
        ) as balance
    from movements
),

-- The lowest balance so far counts the returns that found the stack empty.
floored as (
    select
        record_key,
        product_key,
        currency,
        quantity,
        order_key,
        order_line_key,
        ordered_at,
        movement,
        balance,
        least(
            0,
            min(balance) over (
                partition by record_key, product_key, currency, quantity
                order by
                    ordered_at asc nulls last,
                    movement desc nulls last,
                    order_line_key asc nulls last
                rows between unbounded preceding and current row
            )
        ) as lowest_balance
    from summed
),

stacked as (
    select
        record_key,
        product_key,
        currency,
        quantity,
        order_key,
        order_line_key,
        ordered_at,
        movement,
        -- the height at which a sale lies, or from which a return takes
        case when movement = 1 then balance - lowest_balance else balance - lowest_balance + 1 end
            as height,
        lowest_balance < coalesce(
            lag(lowest_balance) over (
                partition by record_key, product_key, currency, quantity
                order by
                    ordered_at asc nulls last,
                    movement desc nulls last,
                    order_line_key asc nulls last
            ),
            0
        ) as found_nothing
    from floored
),

-- At each height of the stack, a sale and its return alternate, so they have the same number there.
numbered as (
    select
        record_key,
        product_key,
        currency,
        quantity,
        order_key,
        order_line_key,
        movement,
        height,
        row_number() over (
            partition by record_key, product_key, currency, quantity, height, movement
            order by ordered_at asc nulls last, order_line_key asc nulls last
        ) as number_at_height
    from stacked
    where not found_nothing
),

final as (
    select
        returned.order_key as return_order_key,
        returned.order_line_key as return_line_key,
        sold.order_key as sale_order_key,
        sold.order_line_key as sale_line_key,
        cast(0 as decimal(38, 4)) as from_unit,
        returned.quantity as to_unit
    from numbered as returned
    inner join numbered as sold
        on
            returned.record_key = sold.record_key
            and returned.product_key = sold.product_key
            and returned.currency = sold.currency
            and returned.quantity = sold.quantity
            and returned.height = sold.height
            and returned.number_at_height = sold.number_at_height
    where
        returned.movement = -1
        and sold.movement = 1
)

select * from final
