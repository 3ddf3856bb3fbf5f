with

purchases as (select * from {{ ref('int_customer_purchases') }}),

evidence as (select * from {{ ref('int_risk_evidence_unioned') }}),

sensitivity as (select * from {{ ref('customer_sensitivity') }}),

risk_lists as (select * from {{ ref('int_risk_lists_resolved') }}),

risk_rules as (select * from {{ ref('risk_rules') }}),

reasons as (
    select
        customer_id,
        reason_code,
        evidence,
        cases_count,
        trials_count,
        evidence_date
    from evidence

    union all

    select
        customer_id,
        'promotion_only' as reason_code,
        'all ' || cast(paid_orders_count as string)
        || ' paid orders were bought at a discount, with a coupon or in a promotion' as evidence,
        paid_orders_count as cases_count,
        paid_orders_count as trials_count,
        cast(null as date) as evidence_date
    from sensitivity
    where is_promotion_only

    union all

    select
        customer_id,
        list_status as reason_code,
        list_status || ' by the company until '
        || coalesce(cast(until_date as string), 'further notice') as evidence,
        1 as cases_count,
        cast(null as bigint) as trials_count,
        decided_on as evidence_date
    from risk_lists
),

-- A reason with fewer cases than its rule asks for is none.
ranked as (
    select
        reasons.customer_id,
        reasons.reason_code,
        risk_rules.theme,
        reasons.evidence,
        risk_rules.points,
        reasons.cases_count,
        reasons.trials_count,
        reasons.evidence_date,
        row_number() over (
            partition by reasons.customer_id
            order by
                case when risk_rules.theme = 'list' then 0 else 1 end asc nulls last,
                risk_rules.points desc nulls last,
                reasons.cases_count desc nulls last,
                reasons.reason_code asc nulls last
        ) as reason_rank
    from reasons
    inner join risk_rules
        on
            reasons.reason_code = risk_rules.reason_code
            and reasons.cases_count >= risk_rules.threshold
),

final as (
    select
        -- keys
        ranked.customer_id,
        ranked.reason_code,
        purchases.as_of_date,

        -- attributes
        ranked.theme,
        ranked.evidence,

        -- measures
        cast(ranked.reason_rank as bigint) as reason_rank,
        ranked.points,
        cast(ranked.cases_count as bigint) as cases_count,
        cast(ranked.trials_count as bigint) as trials_count,

        -- dates and timestamps
        ranked.evidence_date
    from ranked
    inner join purchases
        on ranked.customer_id = purchases.customer_id
)

select * from final
