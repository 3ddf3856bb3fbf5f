with

order_lines as (select * from {{ ref('int_order_lines_realised') }}),

products as (select * from {{ ref('int_products_unioned') }}),

records as (select * from {{ ref('int_records_clustered') }}),

sold as (
    select
        records.customer_id,
        coalesce(products.category, 'unknown') as category,
        order_lines.order_key,
        order_lines.ordered_date,
        order_lines.realised_amount,
        order_lines.is_paid and order_lines.sold_quantity > 0 as is_purchase
    from order_lines
    inner join records
        on order_lines.record_key = records.record_key
    left join products
        on order_lines.product_id = products.product_id
),

ranked as (
    select
        category,
        row_number() over (
            order by sum(realised_amount) desc nulls last, category asc nulls last
        ) as category_rank
    from sold
    group by category
),

-- Reports of pairs of categories are as large as the square of their number, so the small ones are
-- one.
named as (
    select
        sold.customer_id,
        case
            when ranked.category_rank <= {{ var('categories_named_count') }} then sold.category
            else 'other'
        end as category,
        sold.order_key,
        sold.ordered_date,
        sold.realised_amount,
        sold.is_purchase
    from sold
    inner join ranked
        on sold.category = ranked.category
),

final as (
    select
        -- keys
        customer_id,
        category,
        ordered_date,

        -- measures
        count(distinct case when is_purchase then order_key end) as orders_count,
        cast(coalesce(sum(realised_amount), 0) as decimal(38, 4)) as realised_amount
    from named
    group by customer_id, category, ordered_date
)

select * from final
