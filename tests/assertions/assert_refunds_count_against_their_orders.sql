with

orders as (select * from {{ ref('fct_orders') }}),

order_keys as (select * from {{ ref('int_orders_priced') }}),

refund_events as (select * from {{ ref('int_refund_events_unioned') }}),

refunded as (
    select
        order_key,
        sum(case when is_counted then amount_local else 0 end) as counted_amount,
        sum(case when refund_source = 'goods' then amount_local else 0 end) as goods_amount,
        sum(case when refund_source = 'cash' then amount_local else 0 end) as cash_amount
    from refund_events
    where order_key is not null
    group by order_key
),

final as (
    select
        orders.order_id,
        orders.refunded_amount_local,
        refunded.counted_amount,
        refunded.goods_amount,
        refunded.cash_amount
    from orders
    inner join order_keys
        on orders.order_id = order_keys.order_id
    left join refunded
        on order_keys.order_key = refunded.order_key
    where
        orders.refunded_amount_local <> coalesce(refunded.counted_amount, 0)
        or orders.refunded_amount_local
        <> greatest(coalesce(refunded.goods_amount, 0), coalesce(refunded.cash_amount, 0))
)

select * from final
