with

channels as (select * from {{ ref('rpt_acquisition_channels') }}),

referrals as (select * from {{ ref('rpt_referrals') }}),

rfm as (select * from {{ ref('customer_rfm') }}),

marketing_costs as (select * from {{ ref('int_marketing_costs_valued') }}),

-- What the reports say counts above zero, and what it must be below.
counted as (
    select
        'new customers' as topic,
        new_customers_count as amount
    from channels

    union all

    select
        'new customers' as topic,
        -1 as amount
    from rfm
    where frequency > 0

    union all

    select
        'costs' as topic,
        cost_amount as amount
    from channels

    union all

    select
        'costs' as topic,
        -amount as amount
    from marketing_costs

    union all

    select
        'customers' as topic,
        customers_count as amount
    from referrals

    union all

    select
        'customers' as topic,
        -1 as amount
    from rfm

    union all

    select
        'revenue' as topic,
        realised_amount as amount
    from referrals

    union all

    select
        'revenue' as topic,
        -monetary_amount as amount
    from rfm
),

final as (
    select
        topic,
        sum(amount) as amount
    from counted
    group by topic
    having sum(amount) <> 0
)

select * from final
