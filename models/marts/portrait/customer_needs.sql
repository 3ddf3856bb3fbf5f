with

purchases as (select * from {{ ref('int_customer_purchases') }}),

records as (select * from {{ ref('int_records_clustered') }}),

as_of as (select * from {{ ref('int_as_of') }}),

tickets as (select * from {{ ref('int_tickets_seen') }}),

interactions as (select * from {{ ref('int_interactions_seen') }}),

reviews as (select * from {{ ref('int_reviews_seen') }}),

social_profiles as (select * from {{ ref('int_social_profiles_seen') }}),

surveys as (select * from {{ ref('int_surveys_judged') }}),

pain_points as (select * from {{ ref('int_customer_pain_points') }}),

satisfaction as (select * from {{ ref('int_customer_satisfaction') }}),

loyalty as (select * from {{ ref('int_customer_loyalty_grouped') }}),

searches as (select * from {{ ref('int_searches_judged') }}),

open_carts as (select * from {{ ref('int_open_carts') }}),

interests as (select * from {{ ref('customer_interests_stated') }}),

preferences as (select * from {{ ref('customer_preferences') }}),

ticket_totals as (
    select
        records.customer_id,
        count(*) as tickets_count,
        count(*) filter (where tickets.ticket_status = 'open') as open_tickets_count,
        count(*) filter (
            where {{ in_window('tickets.opened_date', 'as_of.as_of_date', '90d') }}
        ) as tickets_90d_count,
        max(tickets.opened_date) as last_ticket_date
    from tickets
    cross join as_of
    inner join records
        on tickets.record_key = records.record_key
    group by records.customer_id
),

interaction_totals as (
    select
        records.customer_id,
        count(*) filter (
            where {{ in_window('interactions.started_date', 'as_of.as_of_date', '90d') }}
        ) as interactions_90d_count,
        {{ divide('sum(interactions.sentiment)', 'count(interactions.sentiment)') }}
            as mean_interaction_sentiment
    from interactions
    cross join as_of
    inner join records
        on interactions.record_key = records.record_key
    group by records.customer_id
),

review_totals as (
    select
        records.customer_id,
        count(*) as reviews_count,
        count(*) filter (where reviews.is_low_rated) as low_rated_reviews_count
    from reviews
    inner join records
        on reviews.record_key = records.record_key
    group by records.customer_id
),

profile_totals as (
    select
        records.customer_id,
        count(*) as social_profiles_count,
        {{ divide('sum(social_profiles.sentiment)', 'count(social_profiles.sentiment)') }}
            as mean_social_sentiment
    from social_profiles
    inner join records
        on social_profiles.record_key = records.record_key
    group by records.customer_id
),

interest_totals as (
    select
        customer_id,
        count(*) as stated_interests_count
    from interests
    group by customer_id
),

stated_needs as (
    select
        records.customer_id,
        surveys.written_kind,
        surveys.answer,
        surveys.answered_at,
        row_number() over (
            partition by records.customer_id
            order by surveys.answered_at desc nulls last, surveys.survey_id desc nulls last
        ) as need_rank
    from surveys
    inner join records
        on surveys.record_key = records.record_key
    where
        surveys.survey_kind = 'other'
        and surveys.answer is not null
),

need_totals as (
    select
        customer_id,
        count(*) as stated_needs_count,
        max(case when need_rank = 1 then written_kind end) as last_stated_need_kind,
        max(case when need_rank = 1 then answer end) as last_stated_need,
        max(answered_at) as last_stated_need_at
    from stated_needs
    group by customer_id
),

pain_point_totals as (
    select
        customer_id,
        sum(tickets_count + low_rated_reviews_count) as pain_points_count,
        max(case when pain_point_rank = 1 then pain_point_kind end) as main_pain_point_kind,
        max(case when pain_point_rank = 1 then share_pct end) as main_pain_point_share_pct,
        max(last_complaint_date) as last_complaint_date
    from pain_points
    group by customer_id
),

-- An unmet search comes first, then the later one.
ranked_searches as (
    select
        *,
        row_number() over (
            partition by customer_id
            order by
                case when is_unmet and search_text is not null then 0 else 1 end asc nulls last,
                searched_at desc nulls last,
                session_key desc nulls last,
                search_text desc nulls last
        ) as search_rank
    from searches
),

search_totals as (
    select
        customer_id,
        count(*) as searches_count,
        count(*) filter (where is_unmet) as unmet_searches_count,
        count(*) filter (where is_without_result) as searches_without_result_count,
        count(*) filter (where is_without_follow_up) as searches_without_follow_up_count,
        count(*) filter (where is_repeated) as repeated_searches_count,
        max(case when search_rank = 1 and is_unmet then search_text end) as last_unmet_search_text,
        max(case when is_unmet then searched_date end) as last_unmet_search_date
    from ranked_searches
    group by customer_id
),

cart_totals as (
    select
        customer_id,
        {{ text_list('product_id') }} as product_ids,
        count(*) as products_count,
        sum(unit_price_amount) as amount,
        max(last_added_date) as last_added_date
    from open_carts
    group by customer_id
),

categories as (
    select
        customer_id,
        preference_value as likely_next_category,
        expected_share_pct,
        confidence_pct
    from preferences
    where
        dimension = 'category'
        and preference_rank = 1
),

final as (
    select
        -- keys
        purchases.customer_id,
        purchases.as_of_date,

        -- attributes
        pain_point_totals.main_pain_point_kind,
        loyalty.last_nps_group,
        coalesce(satisfaction.satisfaction_trend, 'unknown') as satisfaction_trend,
        satisfaction.satisfaction_trend_kind,
        search_totals.last_unmet_search_text,
        need_totals.last_stated_need_kind,
        need_totals.last_stated_need,
        cart_totals.product_ids as open_cart_product_ids,
        categories.likely_next_category,

        -- measures
        cast(coalesce(ticket_totals.tickets_count, 0) as bigint) as tickets_count,
        cast(coalesce(ticket_totals.open_tickets_count, 0) as bigint) as open_tickets_count,
        cast(coalesce(ticket_totals.tickets_90d_count, 0) as bigint) as tickets_90d_count,
        cast(coalesce(pain_point_totals.pain_points_count, 0) as bigint) as pain_points_count,
        pain_point_totals.main_pain_point_share_pct,
        cast(coalesce(interaction_totals.interactions_90d_count, 0) as bigint)
            as interactions_90d_count,
        interaction_totals.mean_interaction_sentiment,
        {% for measure in [
            'searches', 'unmet_searches', 'searches_without_result', 'searches_without_follow_up',
            'repeated_searches'
        ] %}
            cast(coalesce(search_totals.{{ measure }}_count, 0) as bigint)
                as {{ measure }}_90d_count,
        {% endfor %}
        cast(loyalty.last_nps_score as decimal(38, 4)) as last_nps_score,
        cast(coalesce(satisfaction.csat_answers_count, 0) as bigint) as csat_answers_count,
        cast(satisfaction.last_csat_score as decimal(38, 4)) as last_csat_score,
        cast(coalesce(review_totals.reviews_count, 0) as bigint) as reviews_count,
        cast(coalesce(review_totals.low_rated_reviews_count, 0) as bigint)
            as low_rated_reviews_count,
        cast(coalesce(satisfaction.ratings_count, 0) as bigint) as ratings_count,
        cast(satisfaction.last_rating as decimal(38, 4)) as last_rating,
        satisfaction.mean_rating,
        satisfaction.satisfaction_change_points,
        cast(coalesce(need_totals.stated_needs_count, 0) as bigint) as stated_needs_count,
        cast(coalesce(profile_totals.social_profiles_count, 0) as bigint) as social_profiles_count,
        cast(coalesce(interest_totals.stated_interests_count, 0) as bigint)
            as stated_interests_count,
        profile_totals.mean_social_sentiment,
        cast(coalesce(cart_totals.products_count, 0) as bigint) as open_cart_products_30d_count,
        cast(
            case when cart_totals.customer_id is null then 0 else cart_totals.amount end
            as decimal(38, 4)
        ) as open_cart_30d_amount,
        categories.expected_share_pct as likely_next_category_pct,
        categories.confidence_pct as likely_next_category_confidence_pct,

        -- dates and timestamps
        ticket_totals.last_ticket_date,
        pain_point_totals.last_complaint_date,
        search_totals.last_unmet_search_date,
        loyalty.last_nps_answered_at,
        satisfaction.last_csat_answered_at,
        need_totals.last_stated_need_at,
        cart_totals.last_added_date as last_open_cart_date
    from purchases
    left join ticket_totals
        on purchases.customer_id = ticket_totals.customer_id
    left join pain_point_totals
        on purchases.customer_id = pain_point_totals.customer_id
    left join interaction_totals
        on purchases.customer_id = interaction_totals.customer_id
    left join search_totals
        on purchases.customer_id = search_totals.customer_id
    left join loyalty
        on purchases.customer_id = loyalty.customer_id
    left join satisfaction
        on purchases.customer_id = satisfaction.customer_id
    left join review_totals
        on purchases.customer_id = review_totals.customer_id
    left join need_totals
        on purchases.customer_id = need_totals.customer_id
    left join profile_totals
        on purchases.customer_id = profile_totals.customer_id
    left join interest_totals
        on purchases.customer_id = interest_totals.customer_id
    left join cart_totals
        on purchases.customer_id = cart_totals.customer_id
    left join categories
        on purchases.customer_id = categories.customer_id
)

select * from final
