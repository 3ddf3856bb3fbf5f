{% set kinds = {
    'discount': ('count(*) filter (where can_be_discounted)', 'count(*) filter (where is_discounted)'),
    'coupon': (
        'count(*) filter (where can_have_coupon)', 'count(*) filter (where can_have_coupon and has_coupon)'
    ),
    'promotion': ('count(*)', 'count(*) filter (where is_on_promotion_day)'),
    'shipping': (
        'count(*) filter (where can_have_free_shipping)', 'count(*) filter (where has_free_shipping)'
    ),
    'price': ('sum(priced_lines_count)', 'sum(low_price_lines_count)'),
} %}
with

orders as (select * from {{ ref('int_orders_incentivised') }}),

records as (select * from {{ ref('int_records_clustered') }}),

customer_orders as (
    select
        orders.*,
        records.customer_id
    from orders
    inner join records
        on orders.record_key = records.record_key
),

customer_counts as (
    select
        customer_id,
        {% for kind, (trials, successes) in kinds.items() %}
            {{ trials }} as {{ kind }}_trials_count,
            {{ successes }} as {{ kind }}_successes_count{% if not loop.last %},{% endif %}
        {% endfor %}
    from customer_orders
    group by customer_id
),

counted as (
    {% for kind in kinds %}
        select
            customer_id,
            '{{ kind }}' as sensitivity,
            {{ kind }}_trials_count as trials_count,
            {{ kind }}_successes_count as successes_count
        from customer_counts
        where {{ kind }}_trials_count > 0
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

everybody as (
    select
        sensitivity,
        {{ divide('sum(successes_count)', 'sum(trials_count)') }} as everybody_share
    from counted
    group by sensitivity
),

bounded as (
    select
        counted.customer_id,
        counted.sensitivity,
        counted.trials_count,
        counted.successes_count,
        everybody.everybody_share,
        {{ divide('counted.successes_count', 'counted.trials_count') }} as share,
        {{ wilson_bound('counted.successes_count', 'counted.trials_count', 'lower') }}
            as lower_share,
        {{ wilson_bound('counted.successes_count', 'counted.trials_count', 'upper') }}
            as upper_share
    from counted
    inner join everybody
        on counted.sensitivity = everybody.sensitivity
),

-- Where all or none do it, nobody stands out.
final as (
    select
        -- keys
        customer_id,
        sensitivity,

        -- attributes
        case
            when trials_count < {{ var('sensitivity_minimum_count') }} then 'unknown'
            when everybody_share in (0, 1) then 'unknown'
            when
                lower_share > everybody_share
                and successes_count >= {{ var('sensitivity_minimum_successes') }}
                then 'high'
            when upper_share < everybody_share then 'low'
            else 'medium'
        end as sensitivity_band,

        -- measures
        cast(trials_count as bigint) as trials_count,
        cast(successes_count as bigint) as successes_count,
        100 * share as share_pct,
        100 * everybody_share as everybody_share_pct,
        100 * lower_share as lower_share_pct,
        100 * upper_share as upper_share_pct
    from bounded
)

select * from final
