with

attribution as (select * from {{ ref('rpt_attribution') }}),

orders as (select * from {{ ref('fct_orders') }}),

as_of as (select * from {{ ref('int_as_of') }}),

-- One row also where there are no orders.
paid_orders as (
    select
        count(*) as orders_count,
        coalesce(sum(orders.realised_amount), 0) as realised_amount
    from orders
    inner join as_of
        on orders.ordered_date > {{ add_days('as_of.as_of_date', -var('attribution_period_days')) }}
    where orders.is_paid
),

shared as (
    {% for model in attribution_models() %}
        select
            '{{ model }}' as attribution_model,
            coalesce(sum(attributed_orders_count), 0) as orders_count,
            coalesce(sum(attributed_amount), 0) as realised_amount
        from attribution
        where attribution_model = '{{ model }}'
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

final as (
    select
        shared.attribution_model,
        paid_orders.orders_count - shared.orders_count as missing_orders_count,
        paid_orders.realised_amount - shared.realised_amount as missing_amount
    from shared
    cross join paid_orders
    where
        paid_orders.orders_count <> shared.orders_count
        or paid_orders.realised_amount <> shared.realised_amount
)

select * from final
