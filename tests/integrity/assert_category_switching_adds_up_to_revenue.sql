with

flows as (select * from {{ ref('rpt_category_switching') }}),

orders as (select * from {{ ref('fct_orders') }}),

as_of as (select max(as_of_date) as as_of_date from {{ ref('rpt_category_switching') }}),

compared as (
    select
        'before' as side,
        realised_amount
    from flows
    where from_category <> 'none'

    union all

    select
        'after' as side,
        realised_amount
    from flows
    where to_category <> 'none'

    {% for side, window in {'before': 'prior_90d', 'after': '90d'}.items() %}
        union all

        select
            '{{ side }}' as side,
            -coalesce(orders.realised_amount, 0) as realised_amount
        from orders
        cross join as_of
        where
            orders.customer_id is not null
            and {{ in_window('orders.ordered_date', 'as_of.as_of_date', window) }}
    {% endfor %}
),

-- Parts of a customer's money are rounded to a hundredth of a cent in each flow, and counted with
-- fifteen digits.
final as (
    select
        side,
        sum(realised_amount) as difference_amount
    from compared
    group by side
    having abs(sum(realised_amount)) >= 0.05 + 1e-12 * sum(abs(cast(realised_amount as double)))
)

select * from final
