{% set systems = staged_models('products') %}
with

{% for system, model in systems.items() %}
    {{ system }}_products as (select * from {{ ref(model) }}),

{% endfor %}
order_lines as (select * from {{ ref('int_order_lines_signed') }}),

listed as (
    {% for system in systems %}
        select
            '{{ system }}' as system,
            '{{ system }}:' || native_product_id as product_id,
            native_product_id,
            product_name,
            product_type,
            category,
            subcategory,
            category_level_3,
            brand,
            audience,
            currency,
            list_price_local,
            unit_cost_local,
            launched_date
        from {{ system }}_products
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

-- Products that are named by an order line only, with the text of their latest line.
sold_products as (
    select
        product_key,
        product_id,
        line_text,
        row_number() over (
            partition by product_key
            order by
                case when line_text is null then 1 else 0 end asc nulls last,
                ordered_at desc nulls last,
                order_line_key desc nulls last
        ) as text_rank
    from order_lines
    where product_key is not null
),

inferred as (
    select
        sold_products.product_key,
        sold_products.product_id,
        sold_products.line_text
    from sold_products
    left join listed
        on sold_products.product_id = listed.product_id
    where
        sold_products.text_rank = 1
        and listed.product_id is null
),

final as (
    select
        -- keys
        {{ hash_key('product_id') }} as product_key,
        product_id,
        system,
        native_product_id,

        -- attributes
        product_name,
        product_type,
        category,
        subcategory,
        category_level_3,
        brand,
        audience,
        coalesce(currency, '{{ setting("currency") }}') as currency,

        -- measures
        list_price_local,
        unit_cost_local,

        -- flags
        false as is_inferred,

        -- dates and timestamps
        launched_date
    from listed

    union all

    select
        product_key,
        product_id,
        split_part(product_id, ':', 1) as system,
        substr(product_id, length(split_part(product_id, ':', 1)) + 2) as native_product_id,
        line_text as product_name,
        'goods' as product_type,
        cast(null as string) as category,
        cast(null as string) as subcategory,
        cast(null as string) as category_level_3,
        cast(null as string) as brand,
        cast(null as string) as audience,
        '{{ setting("currency") }}' as currency,
        cast(null as decimal(38, 4)) as list_price_local,
        cast(null as decimal(38, 4)) as unit_cost_local,
        true as is_inferred,
        cast(null as date) as launched_date
    from inferred
)

select * from final
