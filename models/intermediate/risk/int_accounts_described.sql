with

records as (select * from {{ ref('int_records_clustered') }}),

record_attributes as (select * from {{ ref('int_record_attributes_unioned') }}),

orders as (select * from {{ ref('int_orders_incentivised') }}),

order_counts as (
    select
        record_key,
        count(*) as paid_orders_count,
        count(*) filter (where has_coupon) as coupon_orders_count
    from orders
    group by record_key
),

final as (
    select
        -- keys
        records.record_key,
        records.customer_id,
        records.system,

        -- measures
        coalesce(order_counts.paid_orders_count, 0) as paid_orders_count,

        -- flags
        coalesce(order_counts.coupon_orders_count = order_counts.paid_orders_count, false)
            as is_coupon_account,

        -- dates and timestamps
        {{ business_date('record_attributes.registered_at') }} as opened_date
    from records
    inner join record_attributes
        on records.record_key = record_attributes.record_key
    left join order_counts
        on records.record_key = order_counts.record_key
)

select * from final
