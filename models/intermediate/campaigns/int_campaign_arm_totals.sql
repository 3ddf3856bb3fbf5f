{% set schemes = {
    'everybody': "'everybody'",
    'purchase_state': 'purchase_state',
    'rfm_segment': 'rfm_segment'
} %}
with

customers as (select * from {{ ref('int_campaign_customers') }}),

segmented as (
    {% for scheme, segment in schemes.items() %}
        select
            campaign_id,
            '{{ scheme }}' as scheme,
            {{ segment }} as segment,
            arm,
            is_holdout,
            paid_orders_count,
            orders_without_amount_count,
            realised_amount
        from customers
        where not is_in_several_arms
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

means as (
    select
        campaign_id,
        scheme,
        segment,
        arm,
        count(*) as customers_count,
        {{ divide('sum(realised_amount)', 'count(*)') }} as mean_amount
    from segmented
    group by campaign_id, scheme, segment, arm
),

-- Squares are added up as decimals, which give the same sum in any order.
deviations as (
    select
        segmented.*,
        means.customers_count,
        cast(
            power(cast(segmented.realised_amount as double) - means.mean_amount, 2)
            as decimal(38, 6)
        ) as squared_deviation
    from segmented
    inner join means
        on
            segmented.campaign_id = means.campaign_id
            and segmented.scheme = means.scheme
            and segmented.segment = means.segment
            and segmented.arm = means.arm
),

final as (
    select
        -- keys
        campaign_id,
        scheme,
        segment,
        arm,

        -- measures
        count(*) as customers_count,
        count(*) filter (where paid_orders_count > 0) as responders_count,
        cast(sum(paid_orders_count) as bigint) as paid_orders_count,
        cast(sum(orders_without_amount_count) as bigint) as orders_without_amount_count,
        cast(sum(realised_amount) as decimal(38, 4)) as realised_amount,
        {{ divide('sum(squared_deviation)', 'max(customers_count) - 1') }} as realised_variance,

        -- flags
        bool_or(is_holdout) as is_holdout
    from deviations
    group by campaign_id, scheme, segment, arm
)

select * from final
