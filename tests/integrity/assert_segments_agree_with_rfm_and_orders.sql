with

segments as (select * from {{ ref('customer_segments') }}),

rfm as (select * from {{ ref('customer_rfm') }}),

orders as (select * from {{ ref('fct_orders') }}),

segment_map as (select * from {{ ref('rfm_segment_map') }}),

paid_orders as (
    select
        customer_id,
        min(ordered_date) as first_paid_order_date,
        max(ordered_date) as last_paid_order_date
    from orders
    where
        customer_id is not null
        and is_paid
    group by customer_id
),

final as (
    select
        segments.customer_id,
        segments.rfm_segment,
        rfm.rfm_code,
        segments.value_tier,
        rfm.monetary_amount
    from segments
    inner join rfm
        on
            segments.customer_id = rfm.customer_id
            and segments.as_of_date = rfm.as_of_date
    left join segment_map
        on rfm.rfm_code = segment_map.rfm_code
    left join paid_orders
        on segments.customer_id = paid_orders.customer_id
    where
        segments.rfm_segment <> coalesce(segment_map.rfm_segment, 'Prospects')
        or (segments.value_tier = 'negative') <> (rfm.monetary_amount < 0)
        or (segments.value_tier = 'zero') <> (rfm.monetary_amount = 0)
        or (segments.first_paid_order_date is null) <> (paid_orders.first_paid_order_date is null)
        or segments.first_paid_order_date <> paid_orders.first_paid_order_date
        or segments.last_paid_order_date <> paid_orders.last_paid_order_date
)

select * from final
