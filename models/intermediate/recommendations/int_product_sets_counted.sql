with

order_products as (select * from {{ ref('int_order_products') }}),

sized as (
    select
        order_key,
        product_key,
        count(*) over (partition by order_key) as products_count
    from order_products
),

-- An order of very many products is a wholesale order: it says little of what goes together, and
-- its pairs would grow with the square of its lines. It is left out whole, so that all shares rest
-- on the same orders.
baskets as (
    select
        order_key,
        product_key
    from sized
    where products_count <= {{ var('affinity_basket_products') }}
),

products as (
    select
        product_key,
        count(*) as orders_count
    from baskets
    group by product_key
    having count(*) >= {{ var('affinity_minimum_orders') }}
),

ranked as (
    select
        *,
        row_number() over (
            order by orders_count desc nulls last, product_key asc nulls last
        ) as product_rank
    from products
),

kept as (
    select
        baskets.order_key,
        baskets.product_key,
        ranked.product_rank
    from baskets
    inner join ranked
        on baskets.product_key = ranked.product_key
),

pairs as (
    select
        kept.product_key as first_product_key,
        others.product_key as second_product_key,
        count(*) as orders_count
    from kept
    inner join kept as others
        on
            kept.order_key = others.order_key
            and kept.product_key < others.product_key
    group by kept.product_key, others.product_key
    having count(*) >= {{ var('affinity_minimum_orders') }}
),

-- Triples of the products in most orders only: an order has at most so many of them.
frequent as (
    select
        order_key,
        product_key
    from kept
    where product_rank <= {{ var('affinity_triple_products') }}
),

frequent_pairs as (
    select
        frequent.order_key,
        frequent.product_key as first_product_key,
        others.product_key as second_product_key
    from frequent
    inner join frequent as others
        on
            frequent.order_key = others.order_key
            and frequent.product_key < others.product_key
    inner join pairs
        on
            frequent.product_key = pairs.first_product_key
            and others.product_key = pairs.second_product_key
),

triples as (
    select
        frequent_pairs.first_product_key,
        frequent_pairs.second_product_key,
        frequent.product_key as third_product_key,
        count(*) as orders_count
    from frequent_pairs
    inner join frequent
        on
            frequent_pairs.order_key = frequent.order_key
            and frequent_pairs.second_product_key < frequent.product_key
    group by
        frequent_pairs.first_product_key,
        frequent_pairs.second_product_key,
        frequent.product_key
    having count(*) >= {{ var('affinity_minimum_orders') }}
),

baskets_total as (select count(distinct order_key) as all_orders_count from baskets),

sets as (
    select
        1 as products_count,
        product_key as first_product_key,
        cast(null as bigint) as second_product_key,
        cast(null as bigint) as third_product_key,
        orders_count
    from products

    union all

    select
        2 as products_count,
        first_product_key,
        second_product_key,
        cast(null as bigint) as third_product_key,
        orders_count
    from pairs

    union all

    select
        3 as products_count,
        first_product_key,
        second_product_key,
        third_product_key,
        orders_count
    from triples
),

final as (
    select
        -- keys
        sets.first_product_key,
        sets.second_product_key,
        sets.third_product_key,

        -- measures
        sets.products_count,
        sets.orders_count,
        baskets_total.all_orders_count
    from sets
    cross join baskets_total
)

select * from final
