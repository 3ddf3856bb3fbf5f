{% set z = var('lift_bound_z') %}
{% set least_expected = var('lift_minimum_expected') %}
with

lifts as (select * from {{ ref('int_campaign_kind_lifts') }}),

kinds as (
    select
        campaign_kind,
        count(*) as cells_count,
        sum(least_expected_count) >= {{ least_expected }} as is_kind_judged,
        {{ inverse_variance_sums('extra_orders', 'extra_orders_variance') }}
    from lifts
    group by campaign_kind
),

-- How far the lifts of a kind differ from state to state.
within_kinds as (
    select {{ variance_beyond_chance('cells_count', 'count(*)') }} as within_variance
    from kinds
),

-- The lift of a kind: the mean of its states.
kind_sums as (
    select
        lifts.campaign_kind,
        max(within_kinds.within_variance) as within_variance,
        {{ inverse_variance_sums(
            'lifts.extra_orders', '(lifts.extra_orders_variance + within_kinds.within_variance)'
        ) }}
    from lifts
    cross join within_kinds
    group by lifts.campaign_kind
),

kind_lifts as (
    select
        kind_sums.campaign_kind,
        kinds.is_kind_judged,
        kind_sums.within_variance,
        {{ divide('kind_sums.weighted_values', 'kind_sums.weights') }} as kind_lift,
        {{ divide('1', 'kind_sums.weights') }} as kind_variance
    from kind_sums
    inner join kinds
        on kind_sums.campaign_kind = kinds.campaign_kind
),

-- How far the lifts of kinds differ from each other.
all_kinds as (
    select
        count(*) as kinds_count,
        {{ inverse_variance_sums('kind_lift', 'kind_variance') }}
    from kind_lifts
),

between_kinds as (
    select {{ variance_beyond_chance('kinds_count', '1') }} as between_variance
    from all_kinds
),

everywhere_sums as (
    select
        max(between_kinds.between_variance) as between_variance,
        {{ inverse_variance_sums(
            'kind_lifts.kind_lift', '(kind_lifts.kind_variance + between_kinds.between_variance)'
        ) }}
    from kind_lifts
    cross join between_kinds
),

totals as (
    select sum(least_expected_count) >= {{ least_expected }} as is_mean_judged
    from lifts
),

everywhere as (
    select
        everywhere_sums.between_variance,
        case
            when totals.is_mean_judged
                then {{ divide('everywhere_sums.weighted_values', 'everywhere_sums.weights') }}
        end as mean_lift,
        {{ divide('1', 'everywhere_sums.weights') }} as mean_variance
    from everywhere_sums
    cross join totals
),

-- A kind counts by its share, the mean of all kinds for the rest. A lift of few customers has its
-- part in the means, and says nothing alone.
kind_shares as (
    select
        kind_lifts.*,
        everywhere.between_variance,
        everywhere.mean_lift,
        everywhere.mean_variance,
        case
            when kind_lifts.is_kind_judged
                then
                    coalesce(
                        {{ divide(
                            'everywhere.between_variance',
                            'everywhere.between_variance + kind_lifts.kind_variance'
                        ) }},
                        0
                    )
            else 0
        end as kind_share
    from kind_lifts
    cross join everywhere
),

kinds_expected as (
    select
        campaign_kind,
        within_variance,
        mean_lift + kind_share * (kind_lift - mean_lift) as expected_kind_lift,
        (1 - kind_share) * between_variance + power(1 - kind_share, 2) * mean_variance
            as expected_kind_variance
    from kind_shares
),

-- A kind that was measured somewhere is expected to do elsewhere what it does on average.
cells as (
    {% for state in purchase_states() %}
        select
            campaign_kind,
            within_variance,
            expected_kind_lift,
            expected_kind_variance,
            '{{ state }}' as purchase_state
        from kinds_expected
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

leaning as (
    select
        cells.campaign_kind,
        cells.purchase_state,
        coalesce(lifts.campaigns_count, 0) as campaigns_count,
        coalesce(lifts.treated_customers_count, 0) as treated_customers_count,
        coalesce(lifts.holdout_customers_count, 0) as holdout_customers_count,
        lifts.extra_orders,
        lifts.extra_orders_variance,
        coalesce(lifts.least_expected_count >= {{ least_expected }}, false) as is_judged,
        cells.within_variance,
        cells.expected_kind_lift,
        cells.expected_kind_variance,
        case
            when lifts.least_expected_count >= {{ least_expected }}
                then
                    coalesce(
                        {{ divide(
                            'cells.within_variance',
                            'cells.within_variance + lifts.extra_orders_variance'
                        ) }},
                        0
                    )
            else 0
        end as own_share
    from cells
    left join lifts
        on
            cells.campaign_kind = lifts.campaign_kind
            and cells.purchase_state = lifts.purchase_state
),

-- The own lift counts by its share, that of the kind for the rest.
expected as (
    select
        *,
        expected_kind_lift
        + own_share * (coalesce(extra_orders, expected_kind_lift) - expected_kind_lift)
            as expected_extra_orders,
        sqrt((1 - own_share) * within_variance + power(1 - own_share, 2) * expected_kind_variance)
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
