with

snapshots as (select * from {{ ref('int_customer_snapshots_scored') }}),

rfm_fixed_thresholds as (select * from {{ ref('rfm_fixed_thresholds') }}),

measured as (
    select
        customer_id,
        snapshot_date as as_of_date,
        rfm_code,
        recency_days,
        frequency,
        monetary_amount,
        -- only buyers are scored
        nullif(frequency, 0) as scored_frequency,
        case when frequency > 0 then monetary_amount end as scored_amount,
        recency_score,
        frequency_score,
        monetary_score
    from snapshots
    where is_as_of
),

final as (
    select
        -- keys
        measured.customer_id,
        measured.as_of_date,

        -- attributes
        measured.rfm_code,
        cast(
            recency_thresholds.score * 100
            + frequency_thresholds.score * 10
            + monetary_thresholds.score as string
        ) as fixed_rfm_code,

        -- measures
        measured.recency_days,
        measured.frequency,
        measured.monetary_amount,
        measured.recency_score,
        measured.frequency_score,
        measured.monetary_score,
        cast(recency_thresholds.score as integer) as fixed_recency_score,
        cast(frequency_thresholds.score as integer) as fixed_frequency_score,
        cast(monetary_thresholds.score as integer) as fixed_monetary_score
    from measured
    {{ fixed_score_joins(
        'measured.recency_days', 'measured.scored_frequency', 'measured.scored_amount'
    ) }}
)

select * from final
