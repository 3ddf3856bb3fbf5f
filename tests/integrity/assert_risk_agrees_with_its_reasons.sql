with

risk as (select * from {{ ref('customer_risk') }}),

reasons as (select * from {{ ref('customer_risk_reasons') }}),

counted as (
    select
        customer_id,
        sum(points) as points,
        count(*) as reasons_count,
        max(case when reason_rank = 1 then reason_code end) as reason_code
    from reasons
    group by customer_id
),

final as (
    select
        risk.customer_id,
        risk.points,
        risk.reasons_count,
        counted.points as listed_points,
        counted.reasons_count as listed_reasons_count
    from risk
    left join counted
        on risk.customer_id = counted.customer_id
    where
        risk.points <> coalesce(counted.points, 0)
        or risk.reasons_count <> coalesce(counted.reasons_count, 0)
        or coalesce(risk.reason_1_code, '') <> coalesce(counted.reason_code, '')
)

select * from final
