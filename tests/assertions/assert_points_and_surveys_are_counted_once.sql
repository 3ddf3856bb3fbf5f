with

reconciliation as (select * from {{ ref('reconciliation') }}),

ledger as (select * from {{ ref('int_loyalty_points_ledger') }}),

surveys as (select * from {{ ref('int_surveys_judged') }}),

loyalty as (select * from {{ ref('customer_loyalty') }}),

counts as (
    select
        subject,
        sum(case when bucket = 'accepted' then rows_count else -rows_count end) as difference
    from reconciliation
    where
        system = 'crm'
        and subject in ('loyalty_points', 'surveys')
        and (
            (topic = 'rows_of_landing' and bucket = 'accepted')
            or topic = 'outside_facts'
        )
    group by subject

    union all

    select
        'loyalty_points' as subject,
        -count(*) as difference
    from ledger
    where movement = 'entry'

    union all

    select
        'surveys' as subject,
        -count(*) as difference
    from surveys

    union all

    select
        'balance' as subject,
        coalesce(sum(points), 0) as difference
    from ledger

    union all

    select
        'balance' as subject,
        -coalesce(sum(points_balance), 0) as difference
    from loyalty
),

final as (
    select
        subject,
        sum(difference) as difference
    from counts
    group by subject
    having sum(difference) <> 0
)

select * from final
