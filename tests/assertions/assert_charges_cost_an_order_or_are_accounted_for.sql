with

fees as (select * from {{ ref('int_order_fees_unioned') }}),

order_costs as (select * from {{ ref('fct_order_costs') }}),

reconciliation as (select * from {{ ref('reconciliation') }}),

amounts as (
    select
        source_system,
        amount_local as accepted_amount,
        0 as accounted_amount
    from fees

    union all

    select
        source_system,
        0 as accepted_amount,
        amount_local as accounted_amount
    from order_costs
    where source_system is not null

    union all

    select
        system as source_system,
        0 as accepted_amount,
        amount_local as accounted_amount
    from reconciliation
    where
        topic = 'outside_facts'
        and (
            subject = {{ staged_table('fees', 'system') }}
            or (system = 'ops' and subject = 'order_costs')
        )
),

final as (
    select
        source_system,
        sum(accepted_amount) as accepted_amount,
        sum(accounted_amount) as accounted_amount
    from amounts
    group by source_system
    having sum(accepted_amount) <> sum(accounted_amount)
)

select * from final
