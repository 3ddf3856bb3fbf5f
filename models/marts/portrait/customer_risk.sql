with

purchases as (select * from {{ ref('int_customer_purchases') }}),

reasons as (select * from {{ ref('customer_risk_reasons') }}),

risk_lists as (select * from {{ ref('int_risk_lists_resolved') }}),

risk_bands as (select * from {{ ref('risk_bands') }}),

totals as (
    select
        customer_id,
        sum(points) as points,
        count(*) as reasons_count,
        count(distinct theme) as themes_count,
        max(evidence_date) as last_evidence_date,
        {% for rank in [1, 2, 3] %}
            max(case when reason_rank = {{ rank }} then reason_code end) as reason_{{ rank }}_code,
            max(case when reason_rank = {{ rank }} then evidence end) as reason_{{ rank }}_evidence
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from reasons
    group by customer_id
),

-- What the company has decided about a customer comes before all points.
scored as (
    select
        purchases.customer_id,
        purchases.as_of_date,
        coalesce(risk_lists.list_status, 'none') as list_status,
        risk_lists.reason as list_reason,
        risk_lists.decided_by as list_decided_by,
        risk_lists.until_date as list_until_date,
        case
            when risk_lists.list_status = 'allowed' then 0
            when risk_lists.list_status = 'blocked' then 100
            else least(100, coalesce(totals.points, 0))
        end as risk_score,
        {% for rank in [1, 2, 3] %}
            totals.reason_{{ rank }}_code,
            totals.reason_{{ rank }}_evidence,
        {% endfor %}
        coalesce(totals.points, 0) as points,
        coalesce(totals.reasons_count, 0) as reasons_count,
        coalesce(totals.themes_count, 0) as themes_count,
        totals.last_evidence_date
    from purchases
    left join totals
        on purchases.customer_id = totals.customer_id
    left join risk_lists
        on purchases.customer_id = risk_lists.customer_id
),

final as (
    select
        -- keys
        scored.customer_id,
        scored.as_of_date,

        -- attributes
        risk_bands.risk_band,
        {% for rank in [1, 2, 3] %}
            scored.reason_{{ rank }}_code,
            scored.reason_{{ rank }}_evidence,
        {% endfor %}
        scored.list_status,
        scored.list_reason,
        scored.list_decided_by,

        -- measures
        cast(floor(scored.risk_score) as int) as risk_score,
        cast(floor(scored.points) as bigint) as points,
        cast(scored.reasons_count as bigint) as reasons_count,
        cast(scored.themes_count as bigint) as themes_count,

        -- dates and timestamps
        scored.last_evidence_date,
        scored.list_until_date
    from scored
    inner join risk_bands
        on
            scored.risk_score >= risk_bands.from_score
            and (risk_bands.to_score is null or scored.risk_score < risk_bands.to_score)
)

select * from final
