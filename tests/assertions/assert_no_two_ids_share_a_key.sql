with

source_records as (select * from {{ ref('int_source_records_unioned') }}),

orders as (select * from {{ ref('int_orders_seen') }}),

order_lines as (select * from {{ ref('int_order_lines_signed') }}),

products as (select * from {{ ref('int_products_unioned') }}),

payments as (select * from {{ ref('int_payments_valued') }}),

{% set keys = {
    'source_records': ['record_key', 'record_id'],
    'orders': ['order_key', 'order_id'],
    'order_lines': ['order_line_key', 'order_line_id'],
    'products': ['product_key', 'product_id'],
    'payments': ['payment_key', 'payment_id'],
} %}
counts as (
    {% for table, columns in keys.items() %}
        select
            '{{ columns[0] }}' as key_name,
            count(*) as rows_count,
            count(distinct {{ columns[0] }}) as distinct_key_count,
            count(distinct {{ columns[1] }}) as distinct_id_count
        from {{ table }}
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}

    union all

    -- the id of a customer is cut from a hash as well
    select
        'potential_customer_id' as key_name,
        count(*) as rows_count,
        count(distinct potential_customer_id) as distinct_key_count,
        count(distinct record_id) as distinct_id_count
    from source_records
),

final as (
    select *
    from counts
    where
        distinct_key_count <> distinct_id_count
        or distinct_id_count <> rows_count
)

select * from final
