with

snapshots as (select * from {{ ref('int_customer_snapshots_scored') }}),

thresholds as (select * from {{ ref('rfm_fixed_thresholds') }}),

measured as (
    select
        customer_id,
        snapshot_date as as_of_date,
        rfm_code,
        recency_days,
        frequency,
        monetary_amount,
        recency_score,
        frequency_score,
        monetary_score
    from snapshots
    where is_as_of
),

fixed_scored as (
    select
        measured.customer_id,
        max(case when thresholds.measure = 'recency_days' then thresholds.score end)
            as fixed_recency_score,
        max(case when thresholds.measure = 'frequency' then thresholds.score end)
            as fixed_frequency_score,
        max(case when thresholds.measure = 'monetary_amount' then thresholds.score end)
            as fixed_monetary_score
    from measured
    inner join thresholds
        on
            (
                thresholds.at_least is null
                or case
                    when thresholds.measure = 'recency_days' then measured.recency_days
                    when thresholds.measure = 'frequency' then measured.frequency
                    else measured.monetary_amount
                end >= thresholds.at_least
            )
            and (
                thresholds.below is null
                or case
                    when thresholds.measure = 'recency_days' then measured.recency_days
                    when thresholds.measure = 'frequency' then measured.frequency
                    else measured.monetary_amount
                end < thresholds.below
            )
    where measured.frequency > 0
    group by measured.customer_id
),

final as (
    select
        -- keys
        measured.customer_id,
        measured.as_of_date,

        -- attributes
        measured.rfm_code,
        cast(
            fixed_scored.fixed_recency_score * 100
            + fixed_scored.fixed_frequency_score * 10
            + fixed_scored.fixed_monetary_score as string
        ) as fixed_rfm_code,

        -- measures
        measured.recency_days,
        measured.frequency,
        measured.monetary_amount,
        measured.recency_score,
        measured.frequency_score,
        measured.monetary_score,
        cast(fixed_scored.fixed_recency_score as integer) as fixed_recency_score,
        cast(fixed_scored.fixed_frequency_score as integer) as fixed_frequency_score,
        cast(fixed_scored.fixed_monetary_score as integer) as fixed_monetary_score
    from measured
    left join fixed_scored
        on measured.customer_id = fixed_scored.customer_id
)

select * from final
