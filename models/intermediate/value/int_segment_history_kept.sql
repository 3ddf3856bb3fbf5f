with

as_of as (select * from {{ ref('int_as_of') }}),

kept_rows as (select * from {{ ref('stg_state__segment_history') }}),

restatements as (select * from {{ ref('stg_state__history_restatements') }}),

writings as (
    select
        month_end_date,
        build_id,
        max(published_at) as published_at
    from kept_rows
    where currency = '{{ setting("currency") }}'
    group by month_end_date, build_id
),

restated as (
    select
        writings.month_end_date,
        writings.build_id
    from writings
    inner join restatements
        on
            writings.month_end_date >= restatements.from_date
            and writings.published_at < restatements.event_at
    group by writings.month_end_date, writings.build_id
),

ranked as (
    select
        writings.month_end_date,
        writings.build_id,
        row_number() over (
            partition by writings.month_end_date
            order by writings.build_id desc nulls last
        ) as writing_rank
    from writings
    inner join as_of
        on writings.month_end_date <= as_of.as_of_date
    left join restated
        on
            writings.month_end_date = restated.month_end_date
            and writings.build_id = restated.build_id
    where restated.build_id is null
),

final as (
    select
        -- keys
        kept_rows.customer_id,
        kept_rows.month_end_date,

        -- attributes
        kept_rows.rfm_code,
        kept_rows.rfm_segment,
        kept_rows.value_group_pattern,
        kept_rows.value_tier,
        kept_rows.lifecycle_stage,

        -- measures
        kept_rows.recency_days,
        kept_rows.frequency,
        kept_rows.monetary_amount,

        -- flags
        kept_rows.is_known_by_load_date
    from kept_rows
    inner join ranked
        on
            kept_rows.month_end_date = ranked.month_end_date
            and kept_rows.build_id = ranked.build_id
    where ranked.writing_rank = 1
)

select * from final
