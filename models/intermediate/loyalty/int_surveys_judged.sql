with

as_of as (select * from {{ ref('int_as_of') }}),

surveys as (select * from {{ ref('stg_crm__surveys') }}),

records as (select * from {{ ref('int_records_clustered') }}),

score_groups as (select * from {{ ref('survey_score_groups') }}),

-- An answer after the as-of date was not known on that date.
dated as (
    select
        surveys.*,
        coalesce({{ business_date('surveys.answered_at') }} <= as_of.as_of_date, true) as is_known
    from surveys
    inner join as_of
        on surveys.asked_date <= as_of.as_of_date
),

known_answers as (
    select
        dated.survey_id,
        records.record_key,
        {{ key_part('dated.system') }} || ':' || dated.native_order_id as order_id,
        dated.survey_kind,
        dated.written_kind,
        case when dated.is_known then dated.answer end as answer,
        case when dated.is_known then dated.score end as score,
        dated.asked_at,
        coalesce(dated.answered_at, dated.asked_at) as answered_at
    from dated
    inner join records
        on
            dated.system = records.system
            and dated.native_customer_id = records.native_customer_id
),

-- The seed holds each score of a kind once: no row is multiplied.
final as (
    select
        -- keys
        known_answers.survey_id,
        known_answers.record_key,
        known_answers.order_id,

        -- attributes
        known_answers.survey_kind,
        known_answers.written_kind,
        score_groups.score_group,
        known_answers.answer,

        -- measures
        known_answers.score,

        -- dates and timestamps
        known_answers.asked_at,
        case
            when known_answers.score is not null or known_answers.answer is not null
                then known_answers.answered_at
        end as answered_at
    from known_answers
    left join score_groups
        on
            known_answers.survey_kind = score_groups.survey_kind
            and known_answers.score >= coalesce(score_groups.from_score, known_answers.score)
            and known_answers.score < coalesce(score_groups.to_score, known_answers.score + 1)
)

select * from final
