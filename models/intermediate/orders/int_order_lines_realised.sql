with

orders as (select * from {{ ref('int_orders_valued') }}),

order_lines as (select * from {{ ref('int_order_lines_valued') }}),

-- An order without lines is a row as well. The revenue that a line itself shows is what was sold
-- and not taken back, or, on a return document, what was taken back and matches no earlier order.
kept as (
    select
        orders.order_key,
        order_lines.order_line_key,
        orders.record_key,
        order_lines.product_id,
        orders.system,
        case
            when
                orders.is_paid
                and order_lines.line_type = 'sale'
                and order_lines.charge_kind is null
                then order_lines.quantity
            else 0
        end as sold_quantity,
        orders.realised_amount as order_realised_amount,
        orders.fx_rate,
        case
            when order_lines.line_type = 'charge' then 0
            when
                not orders.is_paid
                and (orders.is_cancelled or orders.order_type <> 'return')
                then 0
            else
                coalesce(
                    order_lines.net_amount_local
                    - order_lines.returned_amount_local
                    + order_lines.matched_amount_local, 0
                )
        end as kept_amount_local,
        case
            when order_lines.line_type = 'charge' then 0
            when orders.order_type = 'return' then abs(order_lines.net_amount_local)
            else greatest(coalesce(order_lines.net_amount_local, 0), 0)
        end as weight,
        orders.is_paid,
        orders.ordered_date
    from orders
    left join order_lines
        on orders.order_key = order_lines.order_key
),

valued as (
    select
        *,
        {{ in_reporting_currency('kept_amount_local', 'fx_rate') }} as kept_amount
    from kept
),

weighed as (
    select
        order_key,
        order_line_key,
        record_key,
        product_id,
        system,
        sold_quantity,
        kept_amount,
        order_realised_amount - sum(kept_amount) over (partition by order_key) as rest_amount,
        weight,
        sum(weight) over (partition by order_key) as whole_weight,
        sum(weight) over (
            partition by order_key
            order by order_line_key asc nulls last
            rows between unbounded preceding and current row
        ) as weight_until,
        row_number() over (
            partition by order_key
            order by order_line_key asc nulls last
        ) as line_rank,
        is_paid,
        ordered_date
    from valued
),

-- Amounts that only the order knows (a discount of its header, money paid back) are spread over its
-- lines by their sold value. The parts are differences of running shares, so they add up exactly.
final as (
    select
        -- keys
        order_key,
        order_line_key,
        record_key,
        product_id,
        system,

        -- measures
        cast(sold_quantity as decimal(38, 4)) as sold_quantity,
        cast(
            kept_amount
            + case
                when rest_amount = 0 then 0
                when coalesce(whole_weight, 0) <> 0
                    then
                        {{ share_of_amount('rest_amount', 'weight_until', 'whole_weight') }}
                        - {{ share_of_amount(
                            'rest_amount', '(weight_until - weight)', 'whole_weight'
                        ) }}
                when line_rank = 1 then rest_amount
                else 0
            end as decimal(38, 4)
        ) as realised_amount,

        -- flags
        is_paid,

        -- dates and timestamps
        ordered_date
    from weighed
)

select * from final
