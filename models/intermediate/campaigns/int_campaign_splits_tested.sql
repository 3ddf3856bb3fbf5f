with

contacts as (select * from {{ ref('int_campaign_contacts_seen') }}),

campaigns as (select * from {{ ref('int_campaigns_described') }}),

campaign_arms as (select * from {{ ref('stg_crm__campaign_arms') }}),

planned as (
    select
        campaign_id,
        arm,
        max(share_pct) as share_pct
    from campaign_arms
    group by campaign_id, arm
),

-- The lot fell on records, and a campaign may contact one of them several times.
counted as (
    select
        campaign_id,
        arm,
        count(distinct assigned_key) as records_count
    from contacts
    group by campaign_id, arm
),

arms as (
    select
        campaign_id,
        arm
    from planned

    union

    select
        campaign_id,
        arm
    from counted
),

joined as (
    select
        arms.campaign_id,
        arms.arm,
        coalesce(counted.records_count, 0) as records_count,
        case
            when arms.arm = 'holdout' then coalesce(planned.share_pct, campaigns.holdout_pct)
            else planned.share_pct
        end as told_share_pct
    from arms
    -- a plan of a campaign that has chosen nobody yet is left out
    inner join campaigns
        on arms.campaign_id = campaigns.campaign_id
    left join counted
        on
            arms.campaign_id = counted.campaign_id
            and arms.arm = counted.arm
    left join planned
        on
            arms.campaign_id = planned.campaign_id
            and arms.arm = planned.arm
),

-- What is left of the plan is the share of all groups without their own together.
compared as (
    select
        campaign_id,
        case when told_share_pct is not null then arm end as told_arm,
        sum(records_count) as records_count,
        max(told_share_pct) as told_share_pct,
        count(*) as arms_count
    from joined
    group by campaign_id, case when told_share_pct is not null then arm end
),

totals as (
    select
        campaign_id,
        sum(records_count) as records_count,
        sum(told_share_pct) as told_share_pct,
        count(*) filter (where told_arm is null) as untold_count,
        count(told_arm) as told_arms_count
    from compared
    group by campaign_id
),

shared as (
    select
        compared.campaign_id,
        compared.arms_count,
        compared.records_count,
        totals.records_count as all_records_count,
        case
            when totals.untold_count = 0
                then {{ divide('compared.told_share_pct', 'totals.told_share_pct') }}
            when totals.told_arms_count > 0 and totals.told_share_pct < 100
                then
                    {{ divide(
                        'coalesce(compared.told_share_pct, 100 - totals.told_share_pct)', '100'
                    ) }}
        end as planned_share
    from compared
    inner join totals
        on compared.campaign_id = totals.campaign_id
),

surprises as (
    select
        campaign_id,
        -- summed as decimals: a sum of doubles depends on the order of the rows
        sum(
            cast(
                {{ divide(
                    'power(records_count - planned_share * all_records_count, 2)',
                    'planned_share * all_records_count'
                ) }} as decimal(38, 12)
            )
        ) as chi_square,
        -- a group that must have nobody has no expected number to be compared with
        count(case when planned_share > 0 then planned_share end) as planned_count,
        count(*) as compared_count,
        count(*) filter (where planned_share <= 0 and records_count > 0) as unplanned_count,
        cast(sum(arms_count) as bigint) as arms_count
    from shared
    group by campaign_id
),

tested as (
    select
        campaign_id,
        arms_count,
        unplanned_count,
        case
            when planned_count = compared_count - unplanned_count
                then cast(chi_square as double)
        end as chi_square,
        cast(compared_count - unplanned_count - 1 as int) as degrees
    from surprises
),

final as (
    select
        -- keys
        campaign_id,

        -- measures
        arms_count,
        case
            when unplanned_count > 0 then cast(0 as double)
            else cast({{ chi_square_tail('chi_square', 'degrees') }} as double)
        end as split_p_value
    from tested
)

select * from final
