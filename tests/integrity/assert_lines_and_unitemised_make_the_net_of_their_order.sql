with

orders as (select * from {{ ref('fct_orders') }}),

order_lines as (select * from {{ ref('fct_order_lines') }}),

line_totals as (
    select
        order_id,
        count(*) as lines_count,
        sum(case when line_type = 'charge' then 0 else net_amount_local end) as net_amount_local
    from order_lines
    group by order_id
),

final as (
    select
        orders.order_id,
        orders.net_amount_local,
        orders.unitemised_amount_local,
        line_totals.net_amount_local as lines_net_amount_local,
        orders.lines_count,
        line_totals.lines_count as added_lines_count
    from orders
    left join line_totals
        on orders.order_id = line_totals.order_id
    where
        coalesce(line_totals.net_amount_local, 0) + orders.unitemised_amount_local
        <> orders.net_amount_local
        or coalesce(line_totals.lines_count, 0) <> orders.lines_count
)

select * from final
