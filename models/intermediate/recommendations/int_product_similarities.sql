with

customer_products as (select * from {{ ref('int_customer_products') }}),

products as (select * from {{ ref('int_products_bought') }}),

counted as (
    select
        customer_id,
        product_key
    from customer_products
    where is_counted
),

-- No customer has more than recommendation_history_products here, so that the pairs of one customer
-- are bounded and all pairs together grow as the customers do.
pairs as (
    select
        counted.product_key,
        others.product_key as similar_product_key,
        count(*) as customers_together_count
    from counted
    inner join counted as others
        on
            counted.customer_id = others.customer_id
            and counted.product_key < others.product_key
    group by counted.product_key, others.product_key
    having count(*) >= {{ var('recommendation_minimum_together') }}
),

both_ways as (
    select
        product_key,
        similar_product_key,
        customers_together_count
    from pairs

    union all

    select
        similar_product_key as product_key,
        product_key as similar_product_key,
        customers_together_count
    from pairs
),

compared as (
    select
        both_ways.product_key,
        both_ways.similar_product_key,
        both_ways.customers_together_count,
        {{ divide(
            'both_ways.customers_together_count',
            'products.counted_buyers_count + similar_products.counted_buyers_count'
            ~ ' - both_ways.customers_together_count',
            'decimal(18, 8)'
        ) }} as similarity,
        similar_products.trend_factor
    from both_ways
    inner join products
        on both_ways.product_key = products.product_key
    inner join products as similar_products
        on both_ways.similar_product_key = similar_products.product_key
),

-- The neighbours that would be recommended first: similar, and still bought.
ranked as (
    select
        *,
        row_number() over (
            partition by product_key
            order by
                cast(similarity as double) * cast(trend_factor as double) desc nulls last,
                customers_together_count desc nulls last,
                similar_product_key asc nulls last
        ) as similarity_rank
    from compared
),

final as (
    select
        -- keys
        product_key,
        similar_product_key,

        -- measures
        similarity_rank,
        customers_together_count,
        similarity
    from ranked
    where similarity_rank <= {{ var('recommendation_neighbours_count') }}
)

select * from final
