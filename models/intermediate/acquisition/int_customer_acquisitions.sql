with

orders as (select * from {{ ref('int_orders_valued') }}),

records as (select * from {{ ref('int_records_clustered') }}),

inviters as (select * from {{ ref('int_customer_inviters') }}),

order_channels as (select * from {{ ref('int_order_information_channels') }}),

as_of as (select * from {{ ref('int_as_of') }}),

paid_orders as (
    select
        records.customer_id,
        orders.order_key,
        orders.store_id,
        orders.realised_amount,
        orders.has_amount and orders.realised_amount is not null as has_realised_amount,
        orders.ordered_date,
        min(orders.ordered_date) over (partition by records.customer_id) as first_order_date,
        row_number() over (
            partition by records.customer_id
            order by orders.ordered_at asc nulls last, orders.order_key asc nulls last
        ) as order_number
    from orders
    inner join records
        on orders.record_key = records.record_key
    where orders.is_paid
),

firsts as (
    select *
    from paid_orders
    where order_number = 1
),

totals as (
    select
        customer_id,
        sum(realised_amount) filter (
            where {{ days_between('first_order_date', 'ordered_date') }} < 90
        ) as realised_90d_amount,
        sum(realised_amount) filter (
            where {{ days_between('first_order_date', 'ordered_date') }} < 365
        ) as realised_365d_amount,
        count(*) filter (
            where
            not has_realised_amount
            and {{ days_between('first_order_date', 'ordered_date') }} < 365
        ) as orders_without_amount_count
    from paid_orders
    group by customer_id
),

final as (
    select
        -- keys
        firsts.customer_id,

        -- attributes
        case
            when
                inviters.customer_id is not null
                and (
                    inviters.invited_record_seen_at is null
                    or {{ business_date('inviters.invited_record_seen_at') }}
                    <= firsts.first_order_date
                )
                then 'referral'
            when order_channels.information_channel is not null
                then order_channels.information_channel
            when firsts.store_id is not null then 'store'
            else 'not_known'
        end as acquisition_channel,

        -- measures
        cast(coalesce(firsts.realised_amount, 0) as decimal(38, 4)) as first_order_amount,
        cast(coalesce(totals.realised_90d_amount, 0) as decimal(38, 4)) as realised_90d_amount,
        cast(coalesce(totals.realised_365d_amount, 0) as decimal(38, 4)) as realised_365d_amount,
        totals.orders_without_amount_count,

        -- flags
        {{ add_days('firsts.first_order_date', 89) }} <= as_of.as_of_date as has_90_days,
        {{ add_days('firsts.first_order_date', 364) }} <= as_of.as_of_date as has_365_days,

        -- dates and timestamps
        firsts.first_order_date,
        cast(date_trunc('month', firsts.first_order_date) as date) as first_order_month
    from firsts
    cross join as_of
    inner join totals
        on firsts.customer_id = totals.customer_id
    left join inviters
        on firsts.customer_id = inviters.customer_id
    left join order_channels
        on firsts.order_key = order_channels.order_key
)

select * from final
