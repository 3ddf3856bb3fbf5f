with

segments as (select * from {{ ref('customer_segments') }}),

rfm as (select * from {{ ref('customer_rfm') }}),

orders as (select * from {{ ref('fct_orders') }}),

segment_map as (select * from {{ ref('rfm_segment_map') }}),

conditions as (select * from {{ ref('rfm_segment_conditions') }}),

paid_orders as (
    select
        customer_id,
        count(*) as paid_orders_count,
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
    left join conditions
        on segment_map.rfm_segment = conditions.rfm_segment
    where
        segments.rfm_segment <> case
            when segment_map.rfm_segment is null then 'Prospects'
            when
                {{ days_between('paid_orders.first_paid_order_date', 'segments.as_of_date') }}
                > conditions.maximum_days_since_first_order
                then conditions.otherwise_segment
            when paid_orders.paid_orders_count < conditions.minimum_orders
                then conditions.otherwise_segment
            else segment_map.rfm_segment
        end
        or (segments.value_tier = 'negative') <> (rfm.monetary_amount < 0)
        or (segments.value_tier = 'zero') <> (rfm.monetary_amount = 0)
        or (segments.first_paid_order_date is null) <> (paid_orders.first_paid_order_date is null)
        or segments.first_paid_order_date <> paid_orders.first_paid_order_date
        or segments.last_paid_order_date <> paid_orders.last_paid_order_date
)

select * from final
