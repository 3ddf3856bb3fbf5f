with

launches as (select * from {{ ref('int_product_launches') }}),

buyers as (select * from {{ ref('int_product_launch_buyers') }}),

launch_categories as (select * from {{ ref('int_product_launch_categories') }}),

purchases as (select * from {{ ref('int_customer_purchases') }}),

totals as (
    select
        product_key,
        count(*) as trial_buyers_count,
        count(*) filter (where days_count > 1) as repeat_buyers_count,
        count(*) filter (where is_new_customer) as new_customers_count,
        count(*) filter (where is_customer_before_launch) as customers_before_launch_count,
        sum(orders_count) as orders_count,
        sum(realised_amount) as realised_amount,
        sum(case when is_new_customer then realised_amount else 0 end) as new_realised_amount
    from buyers
    group by product_key
),

launch_days as (
    select
        product_key,
        {{ days_in_range('launched_date', 'as_of_date') }}
    from launches
),

last_days as (
    select
        last_paid_order_date,
        count(*) as customers_count
    from purchases
    where last_paid_order_date is not null
    group by last_paid_order_date
),

-- Who has bought anything since the launch could have tried the product.
active as (
    select
        launch_days.product_key,
        sum(last_days.customers_count) as active_buyers_count
    from last_days
    inner join launch_days
        on last_days.last_paid_order_date = launch_days.date_day
    group by launch_days.product_key
),

-- What buyers of the product bought less of a category than others did, and no more than they paid
-- for the product.
cannibalised as (
    select
        product_key,
        category,
        least(expected_amount - after_amount, old_realised_amount) as cannibalised_amount,
        row_number() over (
            partition by product_key
            order by
                expected_amount - after_amount desc nulls last,
                category asc nulls last
        ) as category_rank
    from launch_categories
    where
        expected_amount > after_amount
        and old_realised_amount > 0
),

final as (
    select
        -- keys
        launches.product_id,
        launches.as_of_date,

        -- attributes
        launches.category,
        launches.launch_source,
        case
            when
                totals.customers_before_launch_count
                >= {{ var('launch_minimum_buyers') }}
                then cannibalised.category
        end as cannibalised_category,

        -- measures
        cast({{ days_between('launches.launched_date', 'launches.as_of_date') }} as bigint)
            as since_launch_days,
        launches.window_days_count as compared_days,
        cast(coalesce(totals.trial_buyers_count, 0) as bigint) as trial_buyers_count,
        {{ divide('100 * coalesce(totals.trial_buyers_count, 0)', 'active.active_buyers_count') }}
            as trial_pct,
        cast(coalesce(totals.repeat_buyers_count, 0) as bigint) as repeat_buyers_count,
        {{ divide('100 * totals.repeat_buyers_count', 'totals.trial_buyers_count') }}
            as repeat_pct,
        cast(coalesce(totals.new_customers_count, 0) as bigint) as new_customers_count,
        {{ divide('100 * totals.new_customers_count', 'totals.trial_buyers_count') }}
            as new_customers_pct,
        cast(coalesce(totals.customers_before_launch_count, 0) as bigint)
            as customers_before_launch_count,
        cast(coalesce(totals.orders_count, 0) as bigint) as orders_count,
        cast(coalesce(totals.realised_amount, 0) as decimal(38, 4)) as realised_amount,
        cast(coalesce(totals.new_realised_amount, 0) as decimal(38, 4))
            as new_customers_realised_amount,
        case
            when
                totals.customers_before_launch_count
                >= {{ var('launch_minimum_buyers') }}
                then cast(coalesce(cannibalised.cannibalised_amount, 0) as decimal(38, 4))
        end as cannibalised_amount,

        -- dates and timestamps
        launches.launched_date
    from launches
    left join totals
        on launches.product_key = totals.product_key
    left join active
        on launches.product_key = active.product_key
    left join cannibalised
        on
            launches.product_key = cannibalised.product_key
            and cannibalised.category_rank = 1
)

select * from final
