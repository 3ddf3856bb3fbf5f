with

customers as (select * from {{ ref('int_campaign_customers') }}),

campaigns as (select * from {{ ref('int_campaigns_described') }}),

splits as (select * from {{ ref('int_campaign_splits_tested') }}),

-- As for the lift of a campaign: no hold-out, a broken split or an open window says nothing.
compared as (
    select
        campaigns.campaign_kind,
        customers.campaign_id,
        customers.purchase_state,
        customers.is_holdout,
        customers.paid_orders_count
    from customers
    inner join campaigns
        on customers.campaign_id = campaigns.campaign_id
    left join splits
        on customers.campaign_id = splits.campaign_id
    where
        campaigns.campaign_kind is not null
        and not customers.is_in_several_arms
        and customers.is_window_over
        and coalesce(splits.split_p_value >= {{ var('split_p_value') }}, true)
),

-- The spread of orders per customer: of the state, or of everybody where nobody of it orders.
state_spreads as (
    select
        purchase_state,
        {{ divide(
            'sum(paid_orders_count * paid_orders_count) - ' ~ divide('power(sum(paid_orders_count), 2)', 'count(*)'),
            'count(*) - 1'
        ) }} as orders_variance
    from compared
    group by purchase_state
),

everybody_spread as (
    select
        {{ divide(
            'sum(paid_orders_count * paid_orders_count) - ' ~ divide('power(sum(paid_orders_count), 2)', 'count(*)'),
            'count(*) - 1'
        ) }} as orders_variance
    from compared
),

groups as (
    select
        campaign_kind,
        purchase_state,
        campaign_id,
        count(*) filter (where not is_holdout) as treated_count,
        count(*) filter (where is_holdout) as holdout_count,
        count(*) filter (where paid_orders_count > 0) as buyers_count,
        coalesce(sum(case when not is_holdout then paid_orders_count end), 0) as treated_orders,
        coalesce(sum(case when is_holdout then paid_orders_count end), 0) as holdout_orders
    from compared
    group by campaign_kind, purchase_state, campaign_id
),

-- Each campaign weighs as Mantel and Haenszel (1959) weigh a stratum. Decimals add up to the same
-- in any order.
weighed as (
    select
        *,
        cast(
            {{ divide('treated_count * holdout_count', 'treated_count + holdout_count') }}
            as decimal(28, 8)
        ) as group_weight,
        cast(
            {{ divide(
                'holdout_count * treated_orders - treated_count * holdout_orders',
                'treated_count + holdout_count'
            ) }} as decimal(28, 8)
        ) as weighted_lift,
        cast(
            {{ divide(
                'least(buyers_count, treated_count + holdout_count - buyers_count)'
                ~ ' * least(treated_count, holdout_count)',
                'treated_count + holdout_count'
            ) }} as decimal(28, 8)
        ) as least_expected_count
    from groups
    where treated_count > 0 and holdout_count > 0
),

kinds as (
    select
        campaign_kind,
        purchase_state,
        count(*) as campaigns_count,
        sum(treated_count) as treated_count,
        sum(holdout_count) as holdout_count,
        sum(group_weight) as total_weight,
        sum(weighted_lift) as total_lift,
        sum(least_expected_count) as least_expected_count
    from weighed
    group by campaign_kind, purchase_state
),

final as (
    select
        -- keys
        kinds.campaign_kind,
        kinds.purchase_state,

        -- measures
        cast(kinds.campaigns_count as bigint) as campaigns_count,
        cast(kinds.treated_count as bigint) as treated_customers_count,
        cast(kinds.holdout_count as bigint) as holdout_customers_count,
        {{ divide('kinds.total_lift', 'kinds.total_weight') }} as extra_orders,
        {{ divide(
            'case when state_spreads.orders_variance > 0 then state_spreads.orders_variance '
            ~ 'else everybody_spread.orders_variance end',
            'kinds.total_weight'
        ) }} as extra_orders_variance,
        cast(kinds.least_expected_count as decimal(28, 8)) as least_expected_count
    from kinds
    inner join state_spreads
        on kinds.purchase_state = state_spreads.purchase_state
    cross join everybody_spread
    -- where nobody at all ordered, nothing was measured
    where everybody_spread.orders_variance > 0
)

select * from final
