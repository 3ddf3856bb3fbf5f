with

orders as (select * from {{ ref('int_orders_priced') }}),

return_lines as (select * from {{ ref('int_return_lines_listed') }}),

referenced as (select * from {{ ref('int_returns_referenced') }}),

by_quantity as (select * from {{ ref('int_returns_matched_by_quantity') }}),

by_earliest as (select * from {{ ref('int_returns_matched_by_earliest') }}),

matched as (
    select
        return_order_key,
        return_line_key,
        sale_order_key,
        sale_line_key,
        from_unit,
        to_unit,
        'reference' as match_rule
    from referenced

    union all

    select
        return_order_key,
        return_line_key,
        sale_order_key,
        sale_line_key,
        from_unit,
        to_unit,
        'quantity' as match_rule
    from by_quantity

    union all

    select
        return_order_key,
        return_line_key,
        sale_order_key,
        sale_line_key,
        from_unit,
        to_unit,
        'earliest' as match_rule
    from by_earliest
),

matched_totals as (
    select
        return_line_key,
        max(to_unit) as matched_quantity
    from matched
    where return_line_key is not null
    group by return_line_key
),

referenced_without_line as (
    select return_order_key
    from matched
    where return_line_key is null
    group by return_order_key
),

unmatched as (
    select
        return_lines.order_key as return_order_key,
        return_lines.order_line_key as return_line_key,
        cast(null as bigint) as sale_order_key,
        cast(null as bigint) as sale_line_key,
        coalesce(matched_totals.matched_quantity, 0) as from_unit,
        return_lines.quantity as to_unit,
        case
            when return_lines.record_key is null then 'unmatched_guest'
            else 'unmatched_customer'
        end as match_rule
    from return_lines
    left join matched_totals
        on return_lines.order_line_key = matched_totals.return_line_key
    left join referenced_without_line
        on
            case when return_lines.order_line_key is null then return_lines.order_key end
            = referenced_without_line.return_order_key
    where
        referenced_without_line.return_order_key is null
        and (
            return_lines.quantity is null
            or return_lines.quantity > coalesce(matched_totals.matched_quantity, 0)
        )
),

allocations as (
    select
        return_order_key,
        return_line_key,
        sale_order_key,
        sale_line_key,
        from_unit,
        to_unit,
        match_rule
    from matched

    union all

    select
        return_order_key,
        return_line_key,
        sale_order_key,
        sale_line_key,
        from_unit,
        to_unit,
        match_rule
    from unmatched
),

-- The value of a part is the difference of two rounded totals, so that the parts of a line add up
-- to the line.
valued as (
    select
        allocations.return_order_key,
        allocations.return_line_key,
        allocations.sale_order_key,
        allocations.sale_line_key,
        return_lines.record_key,
        allocations.match_rule,
        return_lines.currency,
        return_lines.fx_rate,
        cast(allocations.to_unit - allocations.from_unit as decimal(38, 4)) as quantity,
        cast(
            case
                when return_lines.quantity is null then return_lines.amount_local
                else
                    {{ share_of_amount(
                        'return_lines.amount_local', 'allocations.to_unit', 'return_lines.quantity'
                    ) }}
                    - {{ share_of_amount(
                        'return_lines.amount_local', 'allocations.from_unit', 'return_lines.quantity'
                    ) }}
            end as decimal(38, 4)
        ) as amount_local,
        return_lines.ordered_at as returned_at,
        return_lines.ordered_date as returned_date
    from allocations
    inner join return_lines
        on
            allocations.return_order_key = return_lines.order_key
            and coalesce(allocations.return_line_key, 0) = coalesce(return_lines.order_line_key, 0)
),

final as (
    select
        -- keys
        valued.return_order_key,
        valued.return_line_key,
        valued.sale_order_key,
        valued.sale_line_key,
        valued.record_key,

        -- attributes
        valued.match_rule,
        valued.currency,

        -- measures
        valued.quantity,
        valued.amount_local,
        cast(
            case
                when sales.currency = valued.currency then valued.amount_local
                else {{ share_of_amount(
                    'valued.amount_local', 'valued.fx_rate', 'sales.fx_rate', places=8
                ) }}
            end as decimal(38, 4)
        ) as amount_sale_currency,

        -- dates and timestamps
        valued.returned_at,
        valued.returned_date
    from valued
    left join orders as sales
        on valued.sale_order_key = sales.order_key
)

select * from final
