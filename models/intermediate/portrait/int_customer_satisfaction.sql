with

surveys as (select * from {{ ref('int_surveys_judged') }}),

score_groups as (select * from {{ ref('survey_score_groups') }}),

tickets as (select * from {{ ref('int_tickets_seen') }}),

reviews as (select * from {{ ref('int_reviews_seen') }}),

records as (select * from {{ ref('int_records_clustered') }}),

-- From the lowest score of a question to the highest, as its groups say.
survey_scales as (
    select
        survey_kind,
        min(from_score) as lowest_score,
        max(to_score) - 1 as highest_score
    from score_groups
    where score_group <> 'outside'
    group by survey_kind
),

answers as (
    select
        surveys.record_key,
        surveys.survey_kind as satisfaction_kind,
        'survey:' || surveys.survey_id as answer_id,
        surveys.score,
        survey_scales.lowest_score,
        survey_scales.highest_score,
        surveys.answered_at
    from surveys
    inner join survey_scales
        on surveys.survey_kind = survey_scales.survey_kind
    where surveys.score_group <> 'outside'

    union all

    select
        record_key,
        'csat' as satisfaction_kind,
        'ticket:' || ticket_id as answer_id,
        satisfaction as score,
        1 as lowest_score,
        5 as highest_score,
        coalesce(closed_at, opened_at) as answered_at
    from tickets
    where satisfaction is not null

    union all

    select
        record_key,
        'rating' as satisfaction_kind,
        'review:' || review_id as answer_id,
        rating as score,
        1 as lowest_score,
        5 as highest_score,
        written_at as answered_at
    from reviews
    where rating is not null
),

ranked as (
    select
        records.customer_id,
        answers.satisfaction_kind,
        answers.score,
        {{ divide(
            '100 * (answers.score - answers.lowest_score)',
            'answers.highest_score - answers.lowest_score',
            'decimal(18, 6)'
        ) }} as score_points,
        answers.answered_at,
        row_number() over (
            partition by records.customer_id, answers.satisfaction_kind
            order by answers.answered_at desc nulls last, answers.answer_id desc nulls last
        ) as answer_rank
    from answers
    inner join records
        on answers.record_key = records.record_key
),

kinds as (
    select
        customer_id,
        satisfaction_kind,
        count(*) as answers_count,
        max(case when answer_rank = 1 then score end) as last_score,
        {{ divide('sum(score)', 'count(*)') }} as mean_score,
        max(case when answer_rank = 1 then score_points end) as last_points,
        {{ divide(
            'sum(case when answer_rank > 1 then score_points end)',
            'count(*) filter (where answer_rank > 1)',
            'decimal(18, 6)'
        ) }} as earlier_points,
        max(answered_at) as last_answered_at
    from ranked
    group by customer_id, satisfaction_kind
),

-- Scores of different questions are not compared with each other: people give a product more stars
-- than they would recommend its seller.
compared as (
    select
        customer_id,
        satisfaction_kind,
        last_points - earlier_points as change_points,
        row_number() over (
            partition by customer_id
            order by last_answered_at desc nulls last, satisfaction_kind asc nulls last
        ) as kind_rank
    from kinds
    where
        answers_count >= {{ var('satisfaction_minimum_answers') }}
        and last_points - earlier_points is not null
),

customers as (
    select
        customer_id,
        {% for kind in ['csat', 'rating'] %}
            sum(case when satisfaction_kind = '{{ kind }}' then answers_count else 0 end)
                as {{ kind }}_answers_count,
            max(case when satisfaction_kind = '{{ kind }}' then last_score end)
                as last_{{ kind }}_score,
            max(case when satisfaction_kind = '{{ kind }}' then mean_score end)
                as mean_{{ kind }}_score,
            max(case when satisfaction_kind = '{{ kind }}' then last_answered_at end)
                as last_{{ kind }}_answered_at,
        {% endfor %}
        sum(answers_count) as answers_count
    from kinds
    group by customer_id
),

final as (
    select
        -- keys
        customers.customer_id,

        -- attributes
        case
            when compared.change_points >= {{ var('satisfaction_steady_points') }} then 'up'
            when compared.change_points <= -{{ var('satisfaction_steady_points') }} then 'down'
            when compared.change_points is not null then 'steady'
            else 'unknown'
        end as satisfaction_trend,
        compared.satisfaction_kind as satisfaction_trend_kind,

        -- measures
        cast(customers.answers_count as bigint) as answers_count,
        cast(customers.csat_answers_count as bigint) as csat_answers_count,
        customers.last_csat_score,
        customers.mean_csat_score,
        cast(customers.rating_answers_count as bigint) as ratings_count,
        customers.last_rating_score as last_rating,
        customers.mean_rating_score as mean_rating,
        cast(compared.change_points as double) as satisfaction_change_points,

        -- dates and timestamps
        customers.last_csat_answered_at,
        customers.last_rating_answered_at as last_rated_at
    from customers
    left join compared
        on
            customers.customer_id = compared.customer_id
            and compared.kind_rank = 1
)

select * from final
