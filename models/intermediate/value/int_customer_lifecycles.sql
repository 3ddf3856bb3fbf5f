with

purchase_days as (select * from {{ ref('int_customer_purchase_days') }}),

summaries as (select * from {{ ref('int_customer_purchase_summary') }}),

lifecycle_stages as (select * from {{ ref('lifecycle_stages') }}),

-- One row: between which days since the first order a customer is new, and for how many days a
-- purchase keeps a customer active.
bounds as (
    select
        min(case when measure = 'days_since_first_order' then from_days end) as new_from_days,
        max(case when measure = 'days_since_first_order' then to_days end) as new_to_days,
        max(
            case when measure = 'days_since_last_order' and from_days = 0 then to_days end
        ) as active_to_days
    from lifecycle_stages
),

-- The last purchase that brought the customer back from another stage.
returns as (
    select
        purchase_days.customer_id,
        max(purchase_days.purchase_date) as returned_date
    from purchase_days
    cross join bounds
    where
        purchase_days.previous_purchase_date is null
        or {{ days_between('purchase_days.previous_purchase_date', 'purchase_days.purchase_date') }}
        > coalesce(bounds.active_to_days, 999999)
    group by purchase_days.customer_id
),

ages as (
    select
        customer_id,
        first_purchase_date,
        last_purchase_date,
        observed_days as since_first_days,
        observed_days - first_to_last_purchase_days as since_last_days
    from summaries
),

staged as (
    select
        ages.customer_id,
        ages.first_purchase_date,
        ages.last_purchase_date,
        {{ lifecycle_stage() }} as lifecycle_stage,
        case
            when first_stages.lifecycle_stage is not null
                then {{ add_days('ages.first_purchase_date', 'first_stages.from_days') }}
            else
                greatest(
                    case
                        when last_stages.from_days = 0 then returns.returned_date
                        else {{ add_days('ages.last_purchase_date', 'last_stages.from_days') }}
                    end,
                    case
                        when ages.since_first_days >= bounds.new_to_days
                            then {{ add_days('ages.first_purchase_date', 'bounds.new_to_days') }}
                    end
                )
        end as lifecycle_stage_since_date,
        case
            when first_stages.lifecycle_stage is not null
                then {{ add_days('ages.first_purchase_date', 'first_stages.to_days') }}
            else
                least(
                    {{ add_days('ages.last_purchase_date', 'last_stages.to_days') }},
                    case
                        when ages.since_first_days < bounds.new_from_days
                            then {{ add_days('ages.first_purchase_date', 'bounds.new_from_days') }}
                    end
                )
        end as next_lifecycle_stage_date
    from ages
    cross join bounds
    inner join returns
        on ages.customer_id = returns.customer_id
    {{ lifecycle_stage_joins('ages.since_first_days', 'ages.since_last_days') }}
),

next_ages as (
    select
        customer_id,
        lifecycle_stage,
        lifecycle_stage_since_date,
        next_lifecycle_stage_date,
        {{ days_between('first_purchase_date', 'next_lifecycle_stage_date') }}
            as since_first_days,
        {{ days_between('last_purchase_date', 'next_lifecycle_stage_date') }} as since_last_days
    from staged
),

final as (
    select
        -- keys
        next_ages.customer_id,

        -- attributes
        next_ages.lifecycle_stage,
        {{ lifecycle_stage() }} as next_lifecycle_stage,

        -- dates and timestamps
        next_ages.lifecycle_stage_since_date,
        next_ages.next_lifecycle_stage_date
    from next_ages
    {{ lifecycle_stage_joins('next_ages.since_first_days', 'next_ages.since_last_days') }}
)

select * from final
