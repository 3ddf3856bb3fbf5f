with

return_lines as (select * from {{ ref('int_return_lines_listed') }}),

order_lines as (select * from {{ ref('int_order_lines_signed') }}),

-- The units of a product that an order sold, and those that were taken back with a reference to it,
-- are each numbered from 0.
sold as (
    select
        order_key,
        product_key,
        order_line_key,
        sum(quantity) over (
            partition by order_key, product_key
            order by order_line_key asc nulls last
        ) - quantity as from_unit,
        sum(quantity) over (
            partition by order_key, product_key
            order by order_line_key asc nulls last
        ) as to_unit
    from order_lines
    where
        line_type = 'sale'
        and quantity > 0
        and product_key is not null
),

returned as (
    select
        original_order_key,
        product_key,
        order_line_key,
        quantity,
        sum(quantity) over (
            partition by original_order_key, product_key
            order by ordered_at asc nulls last, order_line_key asc nulls last
        ) - quantity as from_unit,
        sum(quantity) over (
            partition by original_order_key, product_key
            order by ordered_at asc nulls last, order_line_key asc nulls last
        ) as to_unit
    from return_lines
    where
        original_order_key is not null
        and product_key is not null
),

-- A return line takes units from a sale line where their two ranges overlap. This join can fan out:
-- a return line may take back units of several sale lines.
matched as (
    select
        returned.order_line_key as return_line_key,
        sold.order_line_key as sale_line_key,
        greatest(returned.from_unit, sold.from_unit) - returned.from_unit as from_unit,
        least(returned.to_unit, sold.to_unit) - returned.from_unit as to_unit
    from returned
    inner join sold
        on
            returned.original_order_key = sold.order_key
            and returned.product_key = sold.product_key
            and returned.from_unit < sold.to_unit
            and returned.to_unit > sold.from_unit
),

matched_totals as (
    select
        return_line_key,
        max(to_unit) as matched_quantity
    from matched
    group by return_line_key
),

-- Units that no line of the order holds still count against the order that the return names.
beyond_lines as (
    select
        return_lines.order_key as return_order_key,
        return_lines.order_line_key as return_line_key,
        return_lines.original_order_key as sale_order_key,
        cast(null as bigint) as sale_line_key,
        coalesce(matched_totals.matched_quantity, 0) as from_unit,
        return_lines.quantity as to_unit
    from return_lines
    left join matched_totals
        on return_lines.order_line_key = matched_totals.return_line_key
    where
        return_lines.original_order_key is not null
        and (
            return_lines.quantity is null
            or return_lines.quantity > coalesce(matched_totals.matched_quantity, 0)
        )
),

on_lines as (
    select
        return_lines.order_key as return_order_key,
        matched.return_line_key,
        return_lines.original_order_key as sale_order_key,
        matched.sale_line_key,
        matched.from_unit,
        matched.to_unit
    from matched
    inner join return_lines
        on matched.return_line_key = return_lines.order_line_key
),

final as (
    select
        return_order_key,
        return_line_key,
        sale_order_key,
        sale_line_key,
        from_unit,
        to_unit
    from on_lines

    union all

    select
        return_order_key,
        return_line_key,
        sale_order_key,
        sale_line_key,
        from_unit,
        to_unit
    from beyond_lines
)

select * from final
