with

order_products as (select * from {{ ref('int_order_products') }}),

records as (select * from {{ ref('int_records_clustered') }}),

as_of as (select * from {{ ref('int_as_of') }}),

bought as (
    select
        records.customer_id,
        order_products.product_key,
        count(*) as orders_count,
        count(
            distinct case when order_products.kept_quantity > 0 then order_products.ordered_date end
        ) as kept_days_count,
        sum(
            case
                when order_products.kept_quantity > 0
                    then {{ faded_weight('1', 'order_products.ordered_date', 'as_of.as_of_date') }}
                else 0
            end
        ) as faded_weight,
        max(order_products.ordered_date) as last_ordered_date,
        max(case when order_products.kept_quantity > 0 then order_products.ordered_date end)
            as last_kept_date
    from order_products
    inner join records
        on order_products.record_key = records.record_key
    cross join as_of
    group by records.customer_id, order_products.product_key
),

-- The products that a customer kept come first, and of these the latest.
ranked as (
    select
        *,
        row_number() over (
            partition by customer_id
            order by
                last_kept_date desc nulls last,
                orders_count desc nulls last,
                product_key asc nulls last
        ) as product_rank
    from bought
),

final as (
    select
        -- keys
        customer_id,
        product_key,

        -- measures
        product_rank,
        orders_count,
        kept_days_count,
        cast(faded_weight as decimal(38, 8)) as faded_weight,

        -- flags
        last_kept_date is not null
        and product_rank <= {{ var('recommendation_history_products') }} as is_counted,
        coalesce(last_kept_date = last_ordered_date, false) as is_kept,

        -- dates and timestamps
        last_ordered_date,
        last_kept_date
    from ranked
)

select * from final
