with

as_of as (select * from {{ ref('int_as_of') }}),

surveys as (select * from {{ ref('stg_crm__surveys') }}),

records as (select * from {{ ref('int_records_clustered') }}),

score_groups as (select * from {{ ref('survey_score_groups') }}),

-- An answer after the as-of date was not known on that date.
known_answers as (
    select
        surveys.survey_id,
        records.record_key,
        {{ key_part('surveys.system') }} || ':' || surveys.native_order_id as order_id,
        surveys.survey_kind,
        case
            when
                surveys.answered_at is null
                or {{ business_date('surveys.answered_at') }} <= as_of.as_of_date
                then surveys.score
        end as score,
        surveys.asked_at,
        coalesce(surveys.answered_at, surveys.asked_at) as answered_at
    from surveys
    inner join as_of
        on surveys.asked_date <= as_of.as_of_date
    inner join records
        on
            surveys.system = records.system
            and surveys.native_customer_id = records.native_customer_id
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
        score_groups.score_group,

        -- measures
        known_answers.score,

        -- dates and timestamps
        known_answers.asked_at,
        case when known_answers.score is not null then known_answers.answered_at end as answered_at
    from known_answers
    left join score_groups
        on
            known_answers.survey_kind = score_groups.survey_kind
            and known_answers.score >= coalesce(score_groups.from_score, known_answers.score)
            and known_answers.score < coalesce(score_groups.to_score, known_answers.score + 1)
)

select * from final
