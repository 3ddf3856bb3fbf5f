{% set windows = ['30d', '90d'] %}
{% set dimensions = {'all': "'all'", 'channel': 'system', 'category': 'category'} %}
{% set factors = ['customers', 'orders_per_customer', 'items_per_order', 'amount_per_item'] %}
{% set effects = {
    'customers': 'customers',
    'frequency': 'orders_per_customer',
    'basket': 'items_per_order',
} %}
with

order_lines as (select * from {{ ref('int_order_lines_realised') }}),

records as (select * from {{ ref('int_records_clustered') }}),

products as (select * from {{ ref('dim_products') }}),

as_of as (select * from {{ ref('int_as_of') }}),

-- An order without a rate has no amount in the reporting currency. A guest is a customer of one
-- order. An order without lines counts as one item.
valued_lines as (
    select
        order_lines.order_key,
        coalesce(records.customer_id, 'guest:' || cast(order_lines.order_key as string))
            as buyer_key,
        order_lines.system,
        coalesce(products.category, 'unknown') as category,
        case
            when
                order_lines.order_line_key is null
                and order_lines.is_paid
                and order_lines.realised_amount > 0
                then 1
            else order_lines.sold_quantity
        end as sold_quantity,
        order_lines.realised_amount,
        order_lines.is_paid,
        order_lines.ordered_date,
        as_of.as_of_date
    from order_lines
    cross join as_of
    left join records
        on order_lines.record_key = records.record_key
    left join products
        on order_lines.product_id = products.product_id
    where order_lines.realised_amount is not null
),

dimension_lines as (
    {% for dimension, value in dimensions.items() %}
        select
            '{{ dimension }}' as dimension,
            {{ value }} as dimension_value,
            order_key,
            buyer_key,
            sold_quantity,
            realised_amount,
            is_paid,
            ordered_date,
            as_of_date
        from valued_lines
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

-- An order with several products of a category counts once for it.
dimension_orders as (
    select
        dimension,
        dimension_value,
        order_key,
        buyer_key,
        sum(sold_quantity) as items_count,
        sum(realised_amount) as realised_amount,
        bool_and(is_paid) and sum(sold_quantity) > 0 as is_bought,
        ordered_date,
        as_of_date
    from dimension_lines
    group by dimension, dimension_value, order_key, buyer_key, ordered_date, as_of_date
),

windowed_orders as (
    {% for window in windows %}
        {% set is_current = in_window('ordered_date', 'as_of_date', window) %}
        {% set is_prior = in_window('ordered_date', 'as_of_date', 'prior_' ~ window) %}
        select
            cast({{ window_days(window) }} as bigint) as window_days,
            dimension,
            dimension_value,
            order_key,
            buyer_key,
            items_count,
            realised_amount,
            is_bought,
            {{ is_current }} as is_current,
            as_of_date
        from dimension_orders
        where {{ is_current }} or {{ is_prior }}
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

totals as (
    select
        window_days,
        dimension,
        dimension_value,
        {% for prefix, is_inside in {'': 'is_current', 'prior_': 'not is_current'}.items() %}
            count(distinct case when {{ is_inside }} and is_bought then buyer_key end)
                as {{ prefix }}customers_count,
            count(distinct case when {{ is_inside }} and is_bought then order_key end)
                as {{ prefix }}orders_count,
            sum(case when {{ is_inside }} and is_bought then items_count else 0 end)
                as {{ prefix }}items_count,
            sum(case when {{ is_inside }} and is_bought then realised_amount else 0 end)
                as {{ prefix }}bought_amount,
            sum(case when {{ is_inside }} and not is_bought then realised_amount else 0 end)
                as {{ prefix }}beside_amount,
        {% endfor %}
        as_of_date
    from windowed_orders
    group by window_days, dimension, dimension_value, as_of_date
),

own_factors as (
    select
        *,
        {% for prefix in ['', 'prior_'] %}
            {{ divide(prefix ~ 'orders_count', prefix ~ 'customers_count') }}
                as own_{{ prefix }}orders_per_customer,
            {{ divide(prefix ~ 'items_count', prefix ~ 'orders_count') }}
                as own_{{ prefix }}items_per_order,
            {{ divide(prefix ~ 'bought_amount', prefix ~ 'items_count') }}
                as own_{{ prefix }}amount_per_item,
        {% endfor %}
        bought_amount - prior_bought_amount as bought_change_amount
    from totals
),

-- A window without orders has no frequency, basket or price: they are taken from the other window,
-- so that all of the change comes from the customers.
compared as (
    select
        *,
        customers_count as customers,
        prior_customers_count as prior_customers,
        {% for factor in factors[1:] %}
            coalesce(own_{{ factor }}, own_prior_{{ factor }}, 0) as {{ factor }},
            coalesce(own_prior_{{ factor }}, own_{{ factor }}, 0) as prior_{{ factor }}
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from own_factors
),

explained as (
    select
        *,
        {% for effect, factor in effects.items() %}
            cast(
                {{ factor_effect(factor, factors | reject('equalto', factor) | list) }}
                as decimal(38, 4)
            ) as {{ effect }}_effect_amount
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from compared
),

-- Where only one window has orders, customers are all of the change, to the last place.
settled as (
    select
        *,
        case
            when customers_count = 0 or prior_customers_count = 0 then bought_change_amount
            else customers_effect_amount
        end as settled_customers_effect_amount
    from explained
),

-- The price is what is left of the change: it takes the rounding of the other three.
final as (
    select
        -- keys
        window_days,
        dimension,
        dimension_value,

        -- measures
        {% for prefix in ['', 'prior_'] %}
            {{ prefix }}customers_count,
            {{ prefix }}orders_count,
            cast({{ prefix }}items_count as decimal(38, 4)) as {{ prefix }}items_count,
            cast({{ prefix }}bought_amount + {{ prefix }}beside_amount as decimal(38, 4))
                as {{ prefix }}realised_amount,
            own_{{ prefix }}orders_per_customer as {{ prefix }}orders_per_customer,
            own_{{ prefix }}items_per_order as {{ prefix }}items_per_order,
            {{ divide(prefix ~ 'bought_amount', prefix ~ 'items_count', 'decimal(38, 4)') }}
                as {{ prefix }}price_per_item_amount,
        {% endfor %}
        cast(
            bought_change_amount + beside_amount - prior_beside_amount as decimal(38, 4)
        ) as change_amount,
        cast(settled_customers_effect_amount as decimal(38, 4)) as customers_effect_amount,
        frequency_effect_amount,
        basket_effect_amount,
        cast(
            bought_change_amount
            - settled_customers_effect_amount
            - frequency_effect_amount
            - basket_effect_amount as decimal(38, 4)
        ) as price_effect_amount,
        cast(beside_amount - prior_beside_amount as decimal(38, 4)) as beside_effect_amount,

        -- dates and timestamps
        as_of_date
    from settled
)

select * from final
