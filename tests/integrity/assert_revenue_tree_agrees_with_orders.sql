with

tree as (select * from {{ ref('rpt_revenue_tree') }}),

orders as (select * from {{ ref('fct_orders') }}),

as_of as (select * from {{ ref('int_as_of') }}),

dated_orders as (
    select
        orders.realised_amount,
        {{ days_between('orders.ordered_date', 'as_of.as_of_date') }} as days_ago
    from orders
    cross join as_of
),

-- Each dimension holds all orders once.
amounts as (
    {% for days in [30, 90] %}
        {% for dimension in ['all', 'channel', 'category'] %}
            select
                {{ days }} as window_days,
                '{{ dimension }}' as dimension,
                case when days_ago < {{ days }} then realised_amount else 0 end as realised_amount,
                case when days_ago >= {{ days }} then realised_amount else 0 end
                    as prior_realised_amount
            from dated_orders
            where days_ago < {{ 2 * days }}

            union all

        {% endfor %}
    {% endfor %}
    select
        window_days,
        dimension,
        -realised_amount as realised_amount,
        -prior_realised_amount as prior_realised_amount
    from tree
),

final as (
    select
        window_days,
        dimension,
        sum(realised_amount) as realised_amount,
        sum(prior_realised_amount) as prior_realised_amount
    from amounts
    group by window_days, dimension
    having
        sum(realised_amount) <> 0
        or sum(prior_realised_amount) <> 0
)

select * from final
