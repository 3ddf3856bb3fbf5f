with

launches as (select * from {{ ref('int_product_launches') }}),

order_lines as (select * from {{ ref('int_order_lines_realised') }}),

order_products as (select * from {{ ref('int_order_products') }}),

records as (select * from {{ ref('int_records_clustered') }}),

purchases as (select * from {{ ref('int_customer_purchases') }}),

bought as (
    select
        launches.product_key,
        records.customer_id,
        order_products.order_key,
        order_products.ordered_date,
        launches.launched_date,
        launches.window_days_count
    from order_products
    inner join launches
        on order_products.product_key = launches.product_key
    inner join records
        on order_products.record_key = records.record_key
),

amounts as (
    select
        launches.product_key,
        records.customer_id,
        sum(order_lines.realised_amount) as realised_amount,
        sum(
            case
                when
                    {{ days_between('launches.launched_date', 'order_lines.ordered_date') }}
                    < launches.window_days_count
                    then order_lines.realised_amount
            end
        ) as window_realised_amount
    from order_lines
    inner join launches
        on order_lines.product_id = launches.product_id
    inner join records
        on order_lines.record_key = records.record_key
    group by launches.product_key, records.customer_id
),

buyers as (
    select
        product_key,
        customer_id,
        launched_date,
        count(distinct order_key) as orders_count,
        count(distinct ordered_date) as days_count,
        min(ordered_date) as trial_date
    from bought
    group by product_key, customer_id, launched_date
),

final as (
    select
        -- keys
        buyers.product_key,
        buyers.customer_id,

        -- measures
        buyers.orders_count,
        buyers.days_count,
        cast(coalesce(amounts.realised_amount, 0) as decimal(38, 4)) as realised_amount,
        cast(coalesce(amounts.window_realised_amount, 0) as decimal(38, 4))
            as window_realised_amount,

        -- flags
        purchases.first_paid_order_date >= buyers.trial_date as is_new_customer,
        purchases.first_paid_order_date < buyers.launched_date as is_customer_before_launch,

        -- dates and timestamps
        buyers.trial_date
    from buyers
    inner join purchases
        on buyers.customer_id = purchases.customer_id
    left join amounts
        on
            buyers.product_key = amounts.product_key
            and buyers.customer_id = amounts.customer_id
)

select * from final
