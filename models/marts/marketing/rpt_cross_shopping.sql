with

category_days as (select * from {{ ref('int_customer_category_days') }}),

as_of as (select * from {{ ref('int_as_of') }}),

customer_categories as (
    select
        category_days.customer_id,
        category_days.category,
        sum(category_days.realised_amount) as realised_amount
    from category_days
    cross join as_of
    where
        {{ in_window('category_days.ordered_date', 'as_of.as_of_date', '365d') }}
        and category_days.orders_count > 0
    group by category_days.customer_id, category_days.category
),

categories as (
    select
        category,
        count(*) as buyers_count
    from customer_categories
    group by category
),

everybody as (select count(distinct customer_id) as buyers_count from customer_categories),

-- A customer has at most categories_named_count categories and one more.
pairs as (
    select
        customer_categories.category,
        others.category as other_category,
        count(*) as both_buyers_count,
        sum(others.realised_amount) as other_realised_amount
    from customer_categories
    inner join customer_categories as others
        on
            customer_categories.customer_id = others.customer_id
            and customer_categories.category <> others.category
    group by customer_categories.category, others.category
),

final as (
    select
        -- keys
        pairs.category,
        pairs.other_category,
        as_of.as_of_date,

        -- measures
        cast(categories.buyers_count as bigint) as buyers_count,
        cast(other_categories.buyers_count as bigint) as other_buyers_count,
        cast(everybody.buyers_count as bigint) as all_buyers_count,
        cast(pairs.both_buyers_count as bigint) as both_buyers_count,
        {{ divide('100 * pairs.both_buyers_count', 'categories.buyers_count') }} as duplication_pct,
        {{ divide('100 * other_categories.buyers_count', 'everybody.buyers_count') }}
            as other_penetration_pct,
        {{ divide(
            divide('100 * pairs.both_buyers_count', 'categories.buyers_count'),
            divide('other_categories.buyers_count', 'everybody.buyers_count')
        ) }} as index_against_all,
        cast(pairs.other_realised_amount as decimal(38, 4)) as other_realised_amount
    from pairs
    inner join categories
        on pairs.category = categories.category
    inner join categories as other_categories
        on pairs.other_category = other_categories.category
    cross join everybody
    cross join as_of
)

select * from final
