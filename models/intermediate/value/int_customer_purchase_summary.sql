with

purchase_days as (select * from {{ ref('int_customer_purchase_days') }}),

as_of as (select * from {{ ref('int_as_of') }}),

first_days as (
    select
        customer_id,
        min(purchase_date) as first_purchase_date
    from purchase_days
    group by customer_id
),

summed as (
    select
        purchase_days.customer_id,
        first_days.first_purchase_date,
        max(purchase_days.purchase_date) as last_purchase_date,
        count(*) as purchase_days_count,
        count(purchase_days.realised_amount) as valued_days_count,
        sum(purchase_days.realised_amount) as valued_amount,
        count(
            case
                when purchase_days.purchase_date > first_days.first_purchase_date
                    then purchase_days.realised_amount
            end
        ) as valued_repeat_days_count,
        sum(
            case
                when purchase_days.purchase_date > first_days.first_purchase_date
                    then purchase_days.realised_amount
            end
        ) as repeat_amount
    from purchase_days
    inner join first_days
        on purchase_days.customer_id = first_days.customer_id
    group by
        purchase_days.customer_id,
        first_days.first_purchase_date
),

final as (
    select
        -- keys
        summed.customer_id,
        as_of.as_of_date,

        -- measures
        cast(summed.purchase_days_count - 1 as bigint) as repeat_days_count,
        {{ days_between('summed.first_purchase_date', 'summed.last_purchase_date') }}
            as first_to_last_purchase_days,
        {{ days_between('summed.first_purchase_date', 'as_of.as_of_date') }} as observed_days,
        cast(summed.valued_repeat_days_count as bigint) as valued_repeat_days_count,
        {{ divide('summed.repeat_amount', 'summed.valued_repeat_days_count') }}
            as mean_repeat_day_amount,
        cast(summed.valued_days_count as bigint) as valued_days_count,
        {{ divide('summed.valued_amount', 'summed.valued_days_count') }} as mean_day_amount,

        -- dates and timestamps
        summed.first_purchase_date,
        summed.last_purchase_date
    from summed
    cross join as_of
)

select * from final
