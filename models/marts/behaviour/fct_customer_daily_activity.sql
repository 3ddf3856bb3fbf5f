with

activities as (select * from {{ ref('int_record_activity_daily') }}),

records as (select * from {{ ref('int_records_clustered') }}),

final as (
    select
        -- keys
        records.customer_id,
        activities.activity_date,

        -- measures
        cast(sum(activities.orders_count) as bigint) as orders_count,
        cast(sum(activities.paid_orders_count) as bigint) as paid_orders_count,
        cast(sum(activities.returned_orders_count) as bigint) as returned_orders_count,
        cast(sum(activities.items_count) as decimal(18, 4)) as items_count,
        cast(sum(activities.gross_amount) as decimal(18, 4)) as gross_amount,
        cast(sum(activities.gross_amount) - sum(activities.net_amount) as decimal(18, 4))
            as discount_amount,
        cast(sum(activities.net_amount) as decimal(18, 4)) as net_amount,
        cast(sum(activities.paid_net_amount) as decimal(18, 4)) as paid_net_amount,
        cast(sum(activities.cancelled_amount) as decimal(18, 4)) as cancelled_amount,
        cast(sum(activities.open_amount) as decimal(18, 4)) as open_amount,
        cast(sum(activities.refunded_amount) as decimal(18, 4)) as refunded_amount,
        cast(
            coalesce(sum(activities.net_amount), 0)
            - coalesce(sum(activities.cancelled_amount), 0)
            - coalesce(sum(activities.open_amount), 0)
            - coalesce(sum(activities.refunded_amount), 0) as decimal(18, 4)
        ) as realised_amount
    from activities
    inner join records
        on activities.record_key = records.record_key
    group by records.customer_id, activities.activity_date
)

select * from final
