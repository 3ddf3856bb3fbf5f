with

launches as (select * from {{ ref('int_product_launches') }}),

buyers as (select * from {{ ref('int_product_launch_buyers') }}),

category_days as (select * from {{ ref('int_customer_category_days') }}),

-- As many days before the launch as after it, so that they join by the day.
launch_days as (
    select
        product_key,
        {{ days_in_range(
            add_days('launched_date', '-window_days_count'),
            add_days('launched_date', 'window_days_count - 1')
        ) }},
        launched_date
    from launches
),

category_totals as (
    select
        category,
        ordered_date,
        sum(realised_amount) as realised_amount
    from category_days
    group by category, ordered_date
),

everybody as (
    select
        launch_days.product_key,
        category_totals.category,
        sum(
            case
                when category_totals.ordered_date < launch_days.launched_date
                    then category_totals.realised_amount
                else 0
            end
        ) as before_amount,
        sum(
            case
                when category_totals.ordered_date >= launch_days.launched_date
                    then category_totals.realised_amount
                else 0
            end
        ) as after_amount
    from category_totals
    inner join launch_days
        on category_totals.ordered_date = launch_days.date_day
    group by launch_days.product_key, category_totals.category
),

-- A customer's days are joined once for each of the launches that the customer bought, of which
-- launches_kept_count is the most.
of_buyers as (
    select
        launch_days.product_key,
        category_days.category,
        sum(
            case
                when category_days.ordered_date < launch_days.launched_date
                    then category_days.realised_amount
                else 0
            end
        ) as before_amount,
        sum(
            case
                when category_days.ordered_date >= launch_days.launched_date
                    then category_days.realised_amount
                else 0
            end
        ) as after_amount
    from buyers
    inner join category_days
        on buyers.customer_id = category_days.customer_id
    inner join launch_days
        on
            buyers.product_key = launch_days.product_key
            and category_days.ordered_date = launch_days.date_day
    where buyers.is_customer_before_launch
    group by launch_days.product_key, category_days.category
),

product_totals as (
    select
        product_key,
        sum(window_realised_amount) as realised_amount,
        sum(case when is_customer_before_launch then window_realised_amount else 0 end)
            as old_realised_amount
    from buyers
    group by product_key
),

-- The product itself is no part of what its buyers and the others bought beside it.
compared as (
    select
        launches.product_key,
        of_buyers.category,
        of_buyers.before_amount,
        of_buyers.after_amount
        - case
            when of_buyers.category = launches.category
                then coalesce(product_totals.old_realised_amount, 0)
            else 0
        end as after_amount,
        everybody.before_amount - of_buyers.before_amount as others_before_amount,
        everybody.after_amount - of_buyers.after_amount
        - case
            when of_buyers.category = launches.category
                then
                    coalesce(
                        product_totals.realised_amount - product_totals.old_realised_amount, 0
                    )
            else 0
        end as others_after_amount,
        coalesce(product_totals.old_realised_amount, 0) as old_realised_amount
    from of_buyers
    inner join launches
        on of_buyers.product_key = launches.product_key
    inner join everybody
        on
            of_buyers.product_key = everybody.product_key
            and of_buyers.category = everybody.category
    left join product_totals
        on of_buyers.product_key = product_totals.product_key
),

final as (
    select
        -- keys
        product_key,
        category,

        -- measures
        cast(before_amount as decimal(38, 4)) as before_amount,
        cast(after_amount as decimal(38, 4)) as after_amount,
        {{ divide(
            'cast(before_amount as double) * cast(others_after_amount as double)',
            'others_before_amount', 'decimal(38, 4)'
        ) }} as expected_amount,
        cast(old_realised_amount as decimal(38, 4)) as old_realised_amount
    from compared
)

select * from final
