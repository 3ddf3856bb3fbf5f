{% set kinds = ['discount', 'coupon', 'promotion', 'shipping', 'price'] %}
with

purchases as (select * from {{ ref('int_customer_purchases') }}),

records as (select * from {{ ref('int_records_clustered') }}),

orders as (select * from {{ ref('int_orders_incentivised') }}),

sensitivities as (select * from {{ ref('int_customer_sensitivities') }}),

discounts as (
    select
        records.customer_id,
        count(*) as paid_orders_count,
        count(*) filter (
            where orders.is_discounted or orders.has_coupon or orders.is_on_promotion_day
        ) as incentivised_orders_count,
        -- as decimals, so that the order of the rows does not matter
        {{ divide(
            'sum(cast(orders.discount_pct as decimal(28, 10)))', 'count(orders.discount_pct)'
        ) }} as mean_discount_pct,
        {{ divide('100 * sum(orders.discount_amount)', 'sum(orders.gross_amount)') }}
            as discount_of_gross_pct
    from orders
    inner join records
        on orders.record_key = records.record_key
    group by records.customer_id
),

kinds as (
    select
        customer_id,
        {% for kind in kinds %}
            {% set is_last_kind = loop.last %}
            {% for column in [
                'sensitivity_band', 'trials_count', 'share_pct', 'everybody_share_pct', 'lower_share_pct',
                'upper_share_pct'
            ] %}
                max(case when sensitivity = '{{ kind }}' then {{ column }} end)
                    as {{ kind }}_{{ column }}
                {%- if not (is_last_kind and loop.last) %},{% endif %}
            {% endfor %}
        {% endfor %}
    from sensitivities
    group by customer_id
),

final as (
    select
        -- keys
        purchases.customer_id,
        purchases.as_of_date,

        -- attributes
        {% for kind in kinds %}
            coalesce(kinds.{{ kind }}_sensitivity_band, 'unknown') as {{ kind }}_sensitivity,
        {% endfor %}

        -- measures
        coalesce(discounts.paid_orders_count, 0) as paid_orders_count,
        coalesce(discounts.incentivised_orders_count, 0) as incentivised_orders_count,
        discounts.mean_discount_pct,
        discounts.discount_of_gross_pct,
        {% for kind in kinds %}
            coalesce(kinds.{{ kind }}_trials_count, 0) as {{ kind }}_trials_count,
            kinds.{{ kind }}_share_pct,
            kinds.{{ kind }}_lower_share_pct,
            kinds.{{ kind }}_upper_share_pct,
            kinds.{{ kind }}_everybody_share_pct,
        {% endfor %}

        -- flags
        coalesce(
            discounts.paid_orders_count >= {{ var('sensitivity_minimum_count') }}
            and discounts.incentivised_orders_count = discounts.paid_orders_count, false
        ) as is_promotion_only
    from purchases
    left join discounts
        on purchases.customer_id = discounts.customer_id
    left join kinds
        on purchases.customer_id = kinds.customer_id
)

select * from final
