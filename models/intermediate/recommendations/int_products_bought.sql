with

customer_products as (select * from {{ ref('int_customer_products') }}),

products as (select * from {{ ref('int_products_unioned') }}),

repeat_purchases as (select * from {{ ref('repeat_purchases') }}),

as_of as (select * from {{ ref('int_as_of') }}),

-- Who never came back tells nothing of what is bought again.
returning_customers as (
    select customer_id
    from customer_products
    where last_kept_date is not null
    group by customer_id
    having
        max(kept_days_count) > 1
        or min(last_kept_date) < max(last_kept_date)
),

totals as (
    select
        customer_products.product_key,
        count(*) as buyers_count,
        count(*) filter (where customer_products.is_counted) as counted_buyers_count,
        count(returning_customers.customer_id) as returning_buyers_count,
        count(*) filter (where customer_products.kept_days_count > 1) as repeat_buyers_count,
        sum({{ faded_weight(
            '1', 'customer_products.last_kept_date', 'as_of.as_of_date',
            var('recommendation_trend_half_life_days')
        ) }}) as trend_weight
    from customer_products
    cross join as_of
    left join returning_customers
        on customer_products.customer_id = returning_customers.customer_id
    where customer_products.last_kept_date is not null
    group by customer_products.product_key
),

described as (
    select
        totals.*,
        products.product_id,
        coalesce(products.subcategory, products.category, 'unknown') as product_group,
        {{ divide('totals.trend_weight', 'totals.buyers_count', 'decimal(18, 8)') }} as trend_share
    from totals
    inner join products
        on totals.product_key = products.product_key
),

product_groups as (
    select
        product_group,
        sum(returning_buyers_count) as product_buyers_count,
        sum(repeat_buyers_count) as product_repeat_buyers_count
    from described
    group by product_group
),

group_customers as (
    select
        described.product_group,
        customer_products.customer_id,
        max(customer_products.kept_days_count) > 1
        or min(customer_products.last_kept_date) < max(customer_products.last_kept_date)
            as is_repeat_buyer
    from customer_products
    inner join returning_customers
        on customer_products.customer_id = returning_customers.customer_id
    inner join described
        on customer_products.product_key = described.product_key
    where customer_products.last_kept_date is not null
    group by described.product_group, customer_products.customer_id
),

group_totals as (
    select
        product_group,
        count(*) as buyers_count,
        count(*) filter (where is_repeat_buyer) as repeat_buyers_count
    from group_customers
    group by product_group
),

-- What the company says counts; else what its customers did, if there are enough of them. Readers
-- buy no book twice, yet another one: so the product and its group are two questions.
judged as (
    select
        product_groups.product_group,
        {{ divide(
            '100 * product_groups.product_repeat_buyers_count',
            'product_groups.product_buyers_count'
        ) }} as product_repeat_share_pct,
        {{ divide('100 * group_totals.repeat_buyers_count', 'group_totals.buyers_count') }}
            as group_repeat_share_pct,
        product_groups.product_buyers_count >= {{ var('repeat_purchase_minimum_buyers') }}
            as is_product_known,
        product_groups.product_group <> 'unknown'
        and coalesce(group_totals.buyers_count, 0) >= {{ var('repeat_purchase_minimum_buyers') }}
            as is_group_known,
        repeat_purchases.is_product_bought_again,
        repeat_purchases.is_group_bought_again
    from product_groups
    left join group_totals
        on product_groups.product_group = group_totals.product_group
    left join repeat_purchases
        on product_groups.product_group = repeat_purchases.product_group
),

final as (
    select
        -- keys
        described.product_key,
        described.product_id,

        -- attributes
        described.product_group,

        -- measures
        described.buyers_count,
        described.counted_buyers_count,
        described.repeat_buyers_count,
        judged.product_repeat_share_pct,
        judged.group_repeat_share_pct,
        cast(described.trend_weight as decimal(38, 8)) as trend_weight,
        cast(sqrt(cast(described.trend_share as double)) as decimal(18, 8)) as trend_factor,

        -- flags
        coalesce(
            judged.is_product_bought_again,
            judged.is_product_known
            and judged.product_repeat_share_pct >= {{ var('repeat_purchase_minimum_pct') }}
        ) as is_bought_again,
        coalesce(
            judged.is_group_bought_again,
            not judged.is_group_known
            or judged.group_repeat_share_pct >= {{ var('repeat_purchase_minimum_pct') }}
        ) as is_group_bought_again
    from described
    inner join judged
        on described.product_group = judged.product_group
)

select * from final
