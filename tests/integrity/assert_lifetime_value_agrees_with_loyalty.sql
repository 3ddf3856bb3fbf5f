with

lifetime_value as (select * from {{ ref('customer_lifetime_value') }}),

loyalty as (select * from {{ ref('customer_loyalty') }}),

final as (
    select
        loyalty.customer_id,
        loyalty.purchase_days_count,
        loyalty.since_first_paid_order_days,
        lifetime_value.repeat_days_count,
        lifetime_value.observed_days
    from loyalty
    left join lifetime_value
        on loyalty.customer_id = lifetime_value.customer_id
    where
        coalesce(lifetime_value.repeat_days_count + 1, 0) <> loyalty.purchase_days_count
        or coalesce(lifetime_value.observed_days, -1)
        <> coalesce(loyalty.since_first_paid_order_days, -1)
)

select * from final
