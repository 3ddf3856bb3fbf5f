{% set product_dimensions = ['category', 'brand'] %}
with

orders as (select * from {{ ref('fct_orders') }}),

order_lines as (select * from {{ ref('int_order_lines_realised') }}),

records as (select * from {{ ref('int_records_clustered') }}),

products as (select * from {{ ref('dim_products') }}),

rfm as (select * from {{ ref('customer_rfm') }}),

base as (
    select
        count(*) as customers_count,
        count(*) filter (where frequency > 0) as buyers_count
    from rfm
),

-- An order with several products of a category, or of a brand, counts once for it.
{% for dimension in product_dimensions -%}
    {{ dimension }}_orders as (
        select
            order_lines.record_key,
            order_lines.order_key,
            coalesce(products.{{ dimension }}, 'unknown') as {{ dimension }},
            bool_or(order_lines.is_paid) as is_paid,
            sum(order_lines.sold_quantity) as items_count,
            sum(order_lines.realised_amount) as realised_amount
        from order_lines
        left join products
            on order_lines.product_id = products.product_id
        where order_lines.record_key is not null
        group by
            order_lines.record_key,
            order_lines.order_key,
            coalesce(products.{{ dimension }}, 'unknown')
    ),

{% endfor -%}
customer_values as (
    select
        'all' as dimension,
        'all' as dimension_value,
        customer_id,
        count(*) filter (where is_paid) as paid_orders_count,
        sum(case when is_paid then items_count else 0 end) as items_count,
        sum(realised_amount) as realised_amount
    from orders
    where customer_id is not null
    group by customer_id

    union all

    select
        'channel' as dimension,
        system as dimension_value,
        customer_id,
        count(*) filter (where is_paid) as paid_orders_count,
        sum(case when is_paid then items_count else 0 end) as items_count,
        sum(realised_amount) as realised_amount
    from orders
    where customer_id is not null
    group by system, customer_id

    {% for dimension in product_dimensions %}
        union all

        select
            '{{ dimension }}' as dimension,
            {{ dimension }}_orders.{{ dimension }} as dimension_value,
            records.customer_id,
            count(*) filter (where {{ dimension }}_orders.is_paid) as paid_orders_count,
            sum({{ dimension }}_orders.items_count) as items_count,
            sum({{ dimension }}_orders.realised_amount) as realised_amount
        from {{ dimension }}_orders
        inner join records
            on {{ dimension }}_orders.record_key = records.record_key
        group by {{ dimension }}_orders.{{ dimension }}, records.customer_id
    {% endfor %}
),

totals as (
    select
        dimension,
        dimension_value,
        count(*) filter (where paid_orders_count > 0) as buyers_count,
        count(*) filter (where paid_orders_count > 1) as repeat_buyers_count,
        sum(paid_orders_count) as paid_orders_count,
        sum(items_count) as items_count,
        coalesce(sum(realised_amount), 0) as realised_amount
    from customer_values
    group by dimension, dimension_value
),

final as (
    select
        -- keys
        totals.dimension,
        totals.dimension_value,

        -- measures
        totals.buyers_count,
        totals.repeat_buyers_count,
        cast(totals.paid_orders_count as bigint) as paid_orders_count,
        cast(totals.items_count as decimal(38, 4)) as items_count,
        cast(totals.realised_amount as decimal(38, 4)) as realised_amount,
        {{ divide('totals.realised_amount', 'totals.buyers_count', 'decimal(38, 4)') }}
            as realised_per_buyer_amount,
        {{ divide('100 * totals.buyers_count', 'base.customers_count') }} as customers_share_pct,
        {{ divide('100 * totals.buyers_count', 'base.buyers_count') }} as buyers_share_pct,
        {{ divide('100 * totals.repeat_buyers_count', 'totals.buyers_count') }}
            as repeat_buyers_share_pct
    from totals
    cross join base
)

select * from final
