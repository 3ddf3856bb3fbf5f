with

products as (select * from {{ ref('int_products_unioned') }}),

order_products as (select * from {{ ref('int_order_products') }}),

as_of as (select * from {{ ref('int_as_of') }}),

data_range as (select min(ordered_date) as first_ordered_date from order_products),

sales as (
    select
        product_key,
        min(ordered_date) as first_sold_date,
        count(distinct record_key) as accounts_count
    from order_products
    group by product_key
),

-- What was sold from the first days of the data on may be older than they are, so a first sale is a
-- launch only where a window lies before it. A product that its list launches later than it sold
-- was launched by its first sale.
dated as (
    select
        products.product_key,
        products.product_id,
        coalesce(products.category, 'unknown') as category,
        sales.accounts_count,
        case
            when products.launched_date <= sales.first_sold_date then products.launched_date
            when
                {{ days_between('data_range.first_ordered_date', 'sales.first_sold_date') }}
                >= {{ window_days('90d') }}
                then sales.first_sold_date
        end as launched_date,
        coalesce(products.launched_date <= sales.first_sold_date, false) as is_launch_listed
    from products
    inner join sales
        on products.product_key = sales.product_key
    cross join data_range
),

ranked as (
    select
        dated.*,
        as_of.as_of_date,
        row_number() over (
            order by dated.accounts_count desc nulls last, dated.product_id asc nulls last
        ) as launch_rank
    from dated
    cross join as_of
    where {{ in_window('dated.launched_date', 'as_of.as_of_date', '365d') }}
),

final as (
    select
        -- keys
        product_key,
        product_id,
        as_of_date,

        -- attributes
        category,
        case when is_launch_listed then 'listed' else 'first_sale' end as launch_source,

        -- measures
        cast(
            least(
                {{ days_between('launched_date', 'as_of_date') }} + 1, {{ window_days('90d') }}
            ) as bigint
        ) as window_days_count,

        -- dates and timestamps
        launched_date
    from ranked
    where launch_rank <= {{ var('launches_kept_count') }}
)

select * from final
