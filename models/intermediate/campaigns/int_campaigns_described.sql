with

campaigns as (select * from {{ ref('stg_crm__campaigns') }}),

contacts as (select * from {{ ref('stg_crm__campaign_contacts') }}),

marketing_costs as (select * from {{ ref('int_marketing_costs_valued') }}),

fx_rates as (select * from {{ ref('int_fx_rates_daily') }}),

as_of as (select * from {{ ref('int_as_of') }}),

assigned as (
    select
        contacts.campaign_id,
        min(contacts.assigned_date) as first_assigned_date,
        max(contacts.assigned_date) as last_assigned_date
    from contacts
    inner join as_of
        on contacts.assigned_date <= as_of.as_of_date
    group by contacts.campaign_id
),

spent as (
    select
        campaign_id,
        sum(amount) as marketing_cost_amount
    from marketing_costs
    where campaign_id is not null
    group by campaign_id
),

listed as (
    select campaign_id
    from campaigns

    union

    select campaign_id
    from assigned
),

-- A campaign is valued at the rate of its first day.
dated as (
    select
        listed.campaign_id,
        campaigns.campaign_id is not null as is_described,
        campaigns.product_id,
        campaigns.campaign_name,
        campaigns.campaign_channel,
        campaigns.campaign_kind,
        campaigns.audience_name,
        campaigns.category,
        campaigns.coupon_code,
        campaigns.holdout_pct,
        campaigns.window_days,
        campaigns.cost_amount_local,
        campaigns.contact_cost_amount_local,
        coalesce(campaigns.currency, '{{ setting("currency") }}') as currency,
        coalesce(campaigns.start_date, assigned.first_assigned_date) as start_date,
        coalesce(campaigns.end_date, assigned.last_assigned_date) as end_date
    from listed
    left join campaigns
        on listed.campaign_id = campaigns.campaign_id
    left join assigned
        on listed.campaign_id = assigned.campaign_id
),

rated as (
    select
        dated.*,
        {{ rate_or_one('dated.currency', 'fx_rates.rate') }} as fx_rate
    from dated
    left join fx_rates
        on
            dated.currency = fx_rates.currency
            and dated.start_date = fx_rates.valid_date
),

costed as (
    select
        *,
        {{ in_reporting_currency('cost_amount_local', 'fx_rate') }} as own_cost_amount
    from rated
),

final as (
    select
        -- keys
        costed.campaign_id,
        costed.product_id,

        -- attributes
        costed.campaign_name,
        costed.campaign_channel,
        costed.campaign_kind,
        costed.audience_name,
        costed.category,
        costed.coupon_code,

        -- measures
        costed.holdout_pct,
        case
            when costed.window_days >= 1 then costed.window_days
            else {{ var('campaign_window_days') }}
        end as window_days,
        coalesce(costed.own_cost_amount, spent.marketing_cost_amount) as cost_amount,
        {{ in_reporting_currency('costed.contact_cost_amount_local', 'costed.fx_rate') }}
            as contact_cost_amount,

        -- flags
        -- What the campaign tells itself, or else what was paid for it, for the contacts too: one
        -- money is not counted twice.
        costed.own_cost_amount is null and spent.marketing_cost_amount is not null
            as is_contact_cost_in_cost,
        costed.is_described,

        -- dates and timestamps
        costed.start_date,
        costed.end_date
    from costed
    left join spent
        on costed.campaign_id = spent.campaign_id
)

select * from final
