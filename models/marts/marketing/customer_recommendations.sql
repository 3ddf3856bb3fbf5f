with

customer_products as (select * from {{ ref('int_customer_products') }}),

similarities as (select * from {{ ref('int_product_similarities') }}),

products as (select * from {{ ref('int_products_bought') }}),

as_of as (select * from {{ ref('int_as_of') }}),

counted as (
    select
        customer_id,
        product_key
    from customer_products
    where is_counted
),

-- At most recommendation_history_products times recommendation_neighbours_count rows of a customer.
neighbours as (
    select
        counted.customer_id,
        similarities.similar_product_key as product_key,
        sum(similarities.similarity) as similarity_sum,
        count(*) as similar_products_count
    from counted
    inner join similarities
        on counted.product_key = similarities.product_key
    group by counted.customer_id, similarities.similar_product_key
),

-- Groups of which the customer has a product for good.
owned_groups as (
    select distinct
        customer_products.customer_id,
        products.product_group
    from customer_products
    inner join products
        on customer_products.product_key = products.product_key
    where
        customer_products.last_kept_date is not null
        and not products.is_group_bought_again
),

-- What the customer ever bought is not new, also where it went back.
new_products as (
    select
        neighbours.customer_id,
        neighbours.product_key,
        products.product_id,
        products.buyers_count,
        neighbours.similar_products_count,
        cast(neighbours.similarity_sum as double) * cast(products.trend_factor as double) as score
    from neighbours
    inner join products
        on neighbours.product_key = products.product_key
    left join customer_products
        on
            neighbours.customer_id = customer_products.customer_id
            and neighbours.product_key = customer_products.product_key
    left join owned_groups
        on
            neighbours.customer_id = owned_groups.customer_id
            and products.product_group = owned_groups.product_group
    where
        customer_products.customer_id is null
        and owned_groups.customer_id is null
),

new_ranked as (
    select
        *,
        row_number() over (
            partition by customer_id
            order by
                score desc nulls last,
                buyers_count desc nulls last,
                product_id asc nulls last
        ) as recommendation_rank
    from new_products
),

new_kept as (
    select *
    from new_ranked
    where recommendation_rank <= {{ var('recommendations_kept_count') }}
),

-- The product of the customer that speaks most for each of them.
reasons as (
    select
        new_kept.customer_id,
        new_kept.product_key,
        similarities.product_key as because_product_key,
        similarities.similarity as because_similarity,
        similarities.customers_together_count,
        row_number() over (
            partition by new_kept.customer_id, new_kept.product_key
            order by
                similarities.similarity desc nulls last,
                similarities.product_key asc nulls last
        ) as reason_rank
    from new_kept
    inner join counted
        on new_kept.customer_id = counted.customer_id
    inner join similarities
        on
            counted.product_key = similarities.product_key
            and new_kept.product_key = similarities.similar_product_key
),

again_products as (
    select
        customer_products.customer_id,
        customer_products.product_key,
        products.product_id,
        customer_products.orders_count,
        cast(customer_products.faded_weight as double) * cast(products.trend_factor as double)
            as score,
        customer_products.last_ordered_date
    from customer_products
    inner join products
        on customer_products.product_key = products.product_key
    where
        customer_products.is_kept
        and products.is_bought_again
),

again_ranked as (
    select
        *,
        row_number() over (
            partition by customer_id
            order by
                score desc nulls last,
                last_ordered_date desc nulls last,
                product_id asc nulls last
        ) as recommendation_rank
    from again_products
),

recommended as (
    select
        customer_id,
        'again' as recommendation_kind,
        product_key,
        recommendation_rank,
        score,
        orders_count,
        cast(0 as bigint) as similar_products_count,
        cast(null as bigint) as because_product_key,
        cast(null as decimal(18, 8)) as because_similarity,
        cast(null as bigint) as customers_together_count,
        last_ordered_date
    from again_ranked
    where recommendation_rank <= {{ var('recommendations_kept_count') }}

    union all

    select
        new_kept.customer_id,
        'new' as recommendation_kind,
        new_kept.product_key,
        new_kept.recommendation_rank,
        new_kept.score,
        cast(0 as bigint) as orders_count,
        new_kept.similar_products_count,
        reasons.because_product_key,
        reasons.because_similarity,
        reasons.customers_together_count,
        cast(null as date) as last_ordered_date
    from new_kept
    inner join reasons
        on
            new_kept.customer_id = reasons.customer_id
            and new_kept.product_key = reasons.product_key
            and reasons.reason_rank = 1
),

final as (
    select
        -- keys
        recommended.customer_id,
        recommended.recommendation_kind,
        products.product_id,
        as_of.as_of_date,
        because_products.product_id as because_product_id,

        -- measures
        cast(recommended.recommendation_rank as bigint) as recommendation_rank,
        cast(
            row_number() over (
                partition by recommended.customer_id
                order by
                    recommended.recommendation_kind asc nulls last,
                    recommended.recommendation_rank asc nulls last
            ) as bigint
        ) as overall_rank,
        recommended.score,
        cast(recommended.similar_products_count as bigint) as similar_products_count,
        cast(recommended.because_similarity as double) as because_similarity,
        cast(recommended.customers_together_count as bigint) as customers_together_count,
        cast(recommended.orders_count as bigint) as orders_count,

        -- dates and timestamps
        recommended.last_ordered_date
    from recommended
    inner join products
        on recommended.product_key = products.product_key
    left join products as because_products
        on recommended.because_product_key = because_products.product_key
    cross join as_of
)

select * from final
