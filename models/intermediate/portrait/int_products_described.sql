with

products as (select * from {{ ref('int_products_unioned') }}),

order_lines as (select * from {{ ref('int_order_lines_valued') }}),

sold_amounts as (
    select
        product_key,
        sum({{ in_reporting_currency('gross_amount_local', 'fx_rate') }}) as gross_amount,
        sum(quantity) as quantity
    from order_lines
    where
        line_type = 'sale'
        and fx_rate is not null
    group by product_key
),

-- What a unit costs before discount: as it was sold, and where it never was, as it is listed.
priced as (
    select
        products.product_key,
        products.product_id,
        products.category,
        products.subcategory,
        products.category_level_3,
        products.brand,
        coalesce(
            {{ divide('sold_amounts.gross_amount', 'sold_amounts.quantity', 'decimal(38, 4)') }},
            case
                when products.currency = '{{ setting("currency") }}'
                    then cast(products.list_price_local as decimal(38, 4))
            end
        ) as unit_price_amount
    from products
    left join sold_amounts
        on products.product_key = sold_amounts.product_key
),

-- The products of one category are compared: those without a category make one, too.
compared as (
    select
        product_key,
        rank() over (
            partition by category
            order by unit_price_amount asc nulls last
        ) as price_rank,
        count(*) over (partition by category) as products_count
    from priced
    where unit_price_amount > 0
),

category_prices as (
    select
        category,
        median(unit_price_amount) as category_median_amount
    from priced
    where unit_price_amount > 0
    group by category
),

final as (
    select
        -- keys
        priced.product_key,
        priced.product_id,

        -- attributes
        priced.category,
        priced.subcategory,
        priced.category_level_3,
        priced.brand,
        case
            when compared.products_count >= 3
                then
                    case
                        when 3 * (compared.price_rank - 1) < compared.products_count then 'low'
                        when 3 * (compared.price_rank - 1) < 2 * compared.products_count
                            then 'middle'
                        else 'high'
                    end
        end as price_band,

        -- measures
        priced.unit_price_amount,
        case
            when compared.product_key is not null
                then
                    {{ divide(
                        'priced.unit_price_amount', 'category_prices.category_median_amount'
                    ) }}
        end as price_against_category
    from priced
    left join compared
        on priced.product_key = compared.product_key
    left join category_prices
        on coalesce(priced.category, '') = coalesce(category_prices.category, '')
)

select * from final
