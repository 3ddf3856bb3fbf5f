with

product_sets as (select * from {{ ref('int_product_sets_counted') }}),

singles as (
    select
        first_product_key as product_key,
        orders_count
    from product_sets
    where products_count = 1
),

pairs as (
    select
        first_product_key,
        second_product_key,
        orders_count
    from product_sets
    where products_count = 2
),

-- Each product of a set is the consequent of one rule, the others of the set are its antecedent.
rules as (
    select
        first_product_key as antecedent_product_key,
        cast(null as bigint) as second_antecedent_product_key,
        second_product_key as consequent_product_key,
        orders_count,
        all_orders_count
    from product_sets
    where products_count = 2

    union all

    select
        second_product_key as antecedent_product_key,
        cast(null as bigint) as second_antecedent_product_key,
        first_product_key as consequent_product_key,
        orders_count,
        all_orders_count
    from product_sets
    where products_count = 2

    {% for antecedent, second_antecedent, consequent in [
        ('first', 'second', 'third'), ('first', 'third', 'second'), ('second', 'third', 'first')
    ] %}
        union all

        select
            {{ antecedent }}_product_key as antecedent_product_key,
            {{ second_antecedent }}_product_key as second_antecedent_product_key,
            {{ consequent }}_product_key as consequent_product_key,
            orders_count,
            all_orders_count
        from product_sets
        where products_count = 3
    {% endfor %}
),

counted as (
    select
        rules.*,
        coalesce(pairs.orders_count, antecedents.orders_count) as antecedent_orders_count,
        consequents.orders_count as consequent_orders_count
    from rules
    inner join singles as antecedents
        on rules.antecedent_product_key = antecedents.product_key
    left join pairs
        on
            rules.antecedent_product_key = pairs.first_product_key
            and rules.second_antecedent_product_key = pairs.second_product_key
    inner join singles as consequents
        on rules.consequent_product_key = consequents.product_key
),

-- The four cells of the table of orders with and without each side, and what chance alone would put
-- into them.
cells as (
    select
        *,
        cast(orders_count as double) as both_count,
        cast(antecedent_orders_count - orders_count as double) as antecedent_only_count,
        cast(consequent_orders_count - orders_count as double) as consequent_only_count,
        cast(
            all_orders_count - antecedent_orders_count - consequent_orders_count + orders_count
            as double
        ) as neither_count,
        {{ divide('orders_count', 'all_orders_count') }} as support,
        {{ divide('orders_count', 'antecedent_orders_count') }} as confidence,
        {{ divide('antecedent_orders_count', 'all_orders_count') }} as antecedent_support,
        {{ divide('consequent_orders_count', 'all_orders_count') }} as consequent_support
    from counted
),

-- The likelihood ratio of Dunning (1993), which holds for rare products, too: 2 * sum of the count
-- times the logarithm of the count over what is expected. An empty cell adds nothing.
tested as (
    select
        *,
        2 * (
            {% for cell, row_share, column_share in [
                ('both', 'antecedent_support', 'consequent_support'),
                ('antecedent_only', 'antecedent_support', '(1 - consequent_support)'),
                ('consequent_only', '(1 - antecedent_support)', 'consequent_support'),
                ('neither', '(1 - antecedent_support)', '(1 - consequent_support)'),
            ] %}
                case
                    when {{ cell }}_count > 0
                        then
                            {{ cell }}_count
                            * ln({{ divide(
                                cell ~ '_count',
                                'all_orders_count * ' ~ row_share ~ ' * ' ~ column_share
                            ) }})
                    else 0
                end
                {% if not loop.last %}+{% endif %}
            {% endfor %}
        ) as log_likelihood_ratio
    from cells
),

final as (
    select
        -- keys
        antecedent_product_key,
        second_antecedent_product_key,
        consequent_product_key,

        -- measures
        orders_count,
        antecedent_orders_count,
        consequent_orders_count,
        all_orders_count,
        support,
        confidence,
        {{ divide('confidence', 'consequent_support') }} as lift,
        support - antecedent_support * consequent_support as leverage,
        {{ divide('1 - consequent_support', '1 - confidence') }} as conviction,
        log_likelihood_ratio
    from tested
)

select * from final
