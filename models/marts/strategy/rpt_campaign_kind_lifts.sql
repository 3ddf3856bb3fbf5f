{% set z = var('lift_bound_z') %}
{% set least_expected = var('lift_minimum_expected') %}
with

lifts as (select * from {{ ref('int_campaign_kind_lifts') }}),

-- DerSimonian and Laird (1986): how far the true lifts differ beyond what chance explains.
-- Decimals add up to the same in any order.
fixed as (
    select
        count(*) as cells_count,
        sum(cast({{ divide('1', 'extra_orders_variance') }} as decimal(28, 8))) as weights,
        sum(cast({{ divide('extra_orders', 'extra_orders_variance') }} as decimal(28, 8)))
            as weighted_lifts,
        sum(
            cast({{ divide('power(extra_orders, 2)', 'extra_orders_variance') }} as decimal(28, 8))
        ) as weighted_squares,
        sum(cast(power({{ divide('1', 'extra_orders_variance') }}, 2) as decimal(36, 4)))
            as squared_weights
    from lifts
),

between_kinds as (
    select
        coalesce(
            greatest(
                0,
                {{ divide(
                    'weighted_squares - ' ~ divide('power(weighted_lifts, 2)', 'weights')
                    ~ ' - (cells_count - 1)',
                    'weights - ' ~ divide('squared_weights', 'weights')
                ) }}
            ),
            0
        ) as between_variance
    from fixed
),

pooled as (
    select
        max(between_kinds.between_variance) as between_variance,
        sum(lifts.least_expected_count) >= {{ least_expected }} as is_mean_judged,
        sum(
            cast(
                {{ divide('1', 'lifts.extra_orders_variance + between_kinds.between_variance') }}
                as decimal(28, 8)
            )
        ) as weights,
        sum(
            cast(
                {{ divide(
                    'lifts.extra_orders',
                    'lifts.extra_orders_variance + between_kinds.between_variance'
                ) }} as decimal(28, 8)
            )
        ) as weighted_lifts
    from lifts
    cross join between_kinds
),

everywhere as (
    select
        between_variance,
        case when is_mean_judged then {{ divide('weighted_lifts', 'weights') }} end as mean_lift,
        {{ divide('1', 'weights') }} as mean_variance
    from pooled
),

kinds as (
    select distinct campaign_kind
    from lifts
),

-- A lift of few customers has its part in the mean of all, and says nothing alone. A kind that was
-- measured somewhere is expected to do elsewhere what all do on average.
cells as (
    {% for state in purchase_states() %}
        select
            campaign_kind,
            '{{ state }}' as purchase_state
        from kinds
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

weighed as (
    select
        cells.campaign_kind,
        cells.purchase_state,
        coalesce(lifts.campaigns_count, 0) as campaigns_count,
        coalesce(lifts.treated_customers_count, 0) as treated_customers_count,
        coalesce(lifts.holdout_customers_count, 0) as holdout_customers_count,
        lifts.extra_orders,
        lifts.extra_orders_variance,
        coalesce(lifts.least_expected_count >= {{ least_expected }}, false) as is_judged,
        everywhere.mean_lift,
        everywhere.mean_variance,
        everywhere.between_variance
    from cells
    cross join everywhere
    left join lifts
        on
            cells.campaign_kind = lifts.campaign_kind
            and cells.purchase_state = lifts.purchase_state
),

leaning as (
    select
        *,
        case
            when is_judged
                then
                    coalesce(
                        {{ divide(
                            'between_variance', 'between_variance + extra_orders_variance'
                        ) }},
                        0
                    )
            else 0
        end as own_share
    from weighed
),

-- The own lift counts by its share, the mean of all for the rest.
expected as (
    select
        *,
        mean_lift + own_share * (coalesce(extra_orders, mean_lift) - mean_lift)
            as expected_extra_orders,
        sqrt((1 - own_share) * between_variance + power(1 - own_share, 2) * mean_variance)
            as expected_error
    from leaning
),

final as (
    select
        -- keys
        campaign_kind,
        purchase_state,

        -- attributes
        case
            when extra_orders is null then 'not_measured'
            when is_judged then 'measured'
            else 'too_few'
        end as lift_status,

        -- measures
        cast(campaigns_count as bigint) as campaigns_count,
        cast(treated_customers_count as bigint) as treated_customers_count,
        cast(holdout_customers_count as bigint) as holdout_customers_count,
        100 * extra_orders as extra_orders_per_100_count,
        case when is_judged then 100 * (extra_orders - {{ z }} * sqrt(extra_orders_variance)) end
            as lower_extra_orders_per_100_count,
        case when is_judged then 100 * (extra_orders + {{ z }} * sqrt(extra_orders_variance)) end
            as upper_extra_orders_per_100_count,
        100 * own_share as own_share_pct,
        100 * expected_extra_orders as expected_extra_orders_per_100_count,
        100 * (expected_extra_orders - {{ z }} * expected_error)
            as lower_expected_extra_orders_per_100_count,
        100 * (expected_extra_orders + {{ z }} * expected_error)
            as upper_expected_extra_orders_per_100_count
    from expected
)

select * from final
