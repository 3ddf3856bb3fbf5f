with

launches as (select * from {{ ref('rpt_product_launch') }}),

launch_segments as (select * from {{ ref('rpt_product_launch_segments') }}),

order_lines as (select * from {{ ref('fct_order_lines') }}),

orders as (select * from {{ ref('fct_orders') }}),

bought as (
    select
        order_lines.product_id,
        count(distinct order_lines.customer_id) as buyers_count,
        count(distinct order_lines.order_id) as orders_count
    from order_lines
    inner join orders
        on order_lines.order_id = orders.order_id
    where
        orders.is_paid
        and order_lines.customer_id is not null
        and order_lines.line_type = 'sale'
        and order_lines.charge_kind is null
        and order_lines.quantity > 0
    group by order_lines.product_id
),

segment_totals as (
    select
        product_id,
        sum(trial_buyers_count) as buyers_count,
        sum(repeat_buyers_count) as repeat_buyers_count
    from launch_segments
    group by product_id
),

final as (
    select launches.product_id
    from launches
    left join bought
        on launches.product_id = bought.product_id
    left join segment_totals
        on launches.product_id = segment_totals.product_id
    where
        launches.trial_buyers_count <> coalesce(bought.buyers_count, 0)
        or launches.orders_count <> coalesce(bought.orders_count, 0)
        or launches.trial_buyers_count <> coalesce(segment_totals.buyers_count, 0)
        or launches.repeat_buyers_count <> coalesce(segment_totals.repeat_buyers_count, 0)
)

select * from final
