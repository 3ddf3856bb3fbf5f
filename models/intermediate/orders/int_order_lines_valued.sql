with

order_lines as (select * from {{ ref('int_order_lines_signed') }}),

orders as (select * from {{ ref('int_orders_priced') }}),

products as (select * from {{ ref('int_products_unioned') }}),

allocations as (select * from {{ ref('int_return_allocations_unioned') }}),

fx_rates as (select * from {{ ref('int_fx_rates_daily') }}),

returned_totals as (
    select
        sale_line_key,
        sum(quantity) as returned_quantity,
        sum(amount_sale_currency) as returned_amount_local
    from allocations
    where sale_line_key is not null
    group by sale_line_key
),

-- Several rules may match parts of a return line: the rule with the most units names it, and of
-- equal ones the first by name.
return_rules as (
    select
        return_line_key,
        match_rule,
        sum(case when sale_order_key is not null then quantity else 0 end) as matched_quantity,
        sum(case when sale_order_key is not null then amount_local else 0 end)
            as matched_amount_local,
        row_number() over (
            partition by return_line_key
            order by sum(quantity) desc nulls last, match_rule asc nulls last
        ) as rule_rank
    from allocations
    where return_line_key is not null
    group by return_line_key, match_rule
),

return_totals as (
    select
        return_line_key,
        max(case when rule_rank = 1 then match_rule end) as match_rule,
        sum(matched_quantity) as matched_quantity,
        sum(matched_amount_local) as matched_amount_local
    from return_rules
    group by return_line_key
),

final as (
    select
        -- keys
        order_lines.order_line_key,
        order_lines.order_key,
        order_lines.record_key,
        order_lines.product_key,
        order_lines.order_line_id,
        orders.order_id,
        order_lines.product_id,
        orders.system,
        order_lines.line_number,

        -- attributes
        order_lines.line_type,
        order_lines.charge_kind,
        return_totals.match_rule,
        order_lines.line_text,
        order_lines.currency,

        -- measures
        order_lines.quantity,
        cast(coalesce(returned_totals.returned_quantity, 0) as decimal(38, 4)) as returned_quantity,
        cast(coalesce(return_totals.matched_quantity, 0) as decimal(38, 4)) as matched_quantity,
        order_lines.unit_price_local,
        order_lines.gross_amount_local,
        order_lines.discount_amount_local,
        order_lines.net_amount_local,
        cast(coalesce(returned_totals.returned_amount_local, 0) as decimal(38, 4))
            as returned_amount_local,
        cast(coalesce(return_totals.matched_amount_local, 0) as decimal(38, 4))
            as matched_amount_local,
        orders.fx_rate,
        -- the cost of the units that the customer keeps; unknown where it is beyond any amount
        case
            when order_lines.line_type in ('return', 'charge') then 0
            else
                {{ in_reporting_currency(
                    'try_cast('
                    ~ product_of_amounts(
                        'order_lines.quantity - coalesce(returned_totals.returned_quantity, 0)',
                        'products.unit_cost_local'
                    )
                    ~ ' as decimal(22, 8))',
                    rate_or_one('products.currency', 'fx_rates.rate'),
                    amount_type='decimal(22, 8)'
                ) }}
        end as cost_amount,

        -- dates and timestamps
        order_lines.ordered_at,
        order_lines.ordered_date
    from order_lines
    inner join orders
        on order_lines.order_key = orders.order_key
    left join products
        on order_lines.product_key = products.product_key
    left join fx_rates
        on
            products.currency = fx_rates.currency
            and order_lines.ordered_date = fx_rates.valid_date
    left join returned_totals
        on order_lines.order_line_key = returned_totals.sale_line_key
    left join return_totals
        on order_lines.order_line_key = return_totals.return_line_key
)

select * from final
