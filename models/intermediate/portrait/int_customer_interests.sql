{% set product_dimensions = [
    'category', 'subcategory', 'category_level_3', 'brand', 'price_band'
] %}
{% set page_dimensions = {'page_view': 'content', 'click': 'clicked'} %}
{% set order_dimensions = {'system': 'channel', 'payment_method': 'payment_method'} %}
with

records as (select * from {{ ref('int_records_clustered') }}),

record_interests as (select * from {{ ref('int_record_interests') }}),

products as (select * from {{ ref('int_products_described') }}),

orders as (select * from {{ ref('int_orders_valued') }}),

interest_weights as (select * from {{ ref('interest_weights') }}),

as_of as (select * from {{ ref('int_as_of') }}),

product_interests as (
    select
        records.customer_id,
        record_interests.product_key,
        sum(record_interests.signals_count) as signals_count,
        sum(record_interests.faded_weight) as faded_weight,
        max(record_interests.last_signal_date) as last_signal_date
    from record_interests
    inner join records
        on record_interests.record_key = records.record_key
    where record_interests.product_key is not null
    group by records.customer_id, record_interests.product_key
),

described as (
    select
        product_interests.*,
        products.product_id,
        {% for dimension in product_dimensions %}
            products.{{ dimension }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from product_interests
    inner join products
        on product_interests.product_key = products.product_key
),

paid_orders as (
    select
        records.customer_id,
        orders.system,
        orders.payment_method,
        {{ faded_weight(
            'interest_weights.interest_weight', 'orders.ordered_date', 'as_of.as_of_date'
        ) }} as faded_weight,
        orders.ordered_date
    from orders
    inner join records
        on orders.record_key = records.record_key
    inner join interest_weights
        on interest_weights.signal = 'purchase'
    cross join as_of
    where orders.is_paid
),

interests as (
    select
        customer_id,
        'product' as dimension,
        product_id as preference_value,
        signals_count,
        faded_weight,
        last_signal_date
    from described

    {% for dimension in product_dimensions %}
        union all

        select
            customer_id,
            '{{ dimension }}' as dimension,
            {{ dimension }} as preference_value,
            sum(signals_count) as signals_count,
            sum(faded_weight) as faded_weight,
            max(last_signal_date) as last_signal_date
        from described
        where {{ dimension }} is not null
        group by customer_id, {{ dimension }}
    {% endfor %}

    {% for signal, dimension in page_dimensions.items() %}
        union all

        select
            records.customer_id,
            '{{ dimension }}' as dimension,
            record_interests.page as preference_value,
            sum(record_interests.signals_count) as signals_count,
            sum(record_interests.faded_weight) as faded_weight,
            max(record_interests.last_signal_date) as last_signal_date
        from record_interests
        inner join records
            on record_interests.record_key = records.record_key
        where
            record_interests.signal = '{{ signal }}'
            and record_interests.page is not null
        group by records.customer_id, record_interests.page
    {% endfor %}

    {% for column, dimension in order_dimensions.items() %}
        union all

        select
            customer_id,
            '{{ dimension }}' as dimension,
            {{ column }} as preference_value,
            count(*) as signals_count,
            sum(faded_weight) as faded_weight,
            max(ordered_date) as last_signal_date
        from paid_orders
        where {{ column }} is not null
        group by customer_id, {{ column }}
    {% endfor %}
),

final as (
    select
        -- keys
        customer_id,
        dimension,
        preference_value,

        -- measures
        cast(signals_count as bigint) as signals_count,
        cast(faded_weight as decimal(38, 8)) as faded_weight,

        -- dates and timestamps
        last_signal_date
    from interests
)

select * from final
