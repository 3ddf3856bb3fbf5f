with

subjects as (select * from {{ ref('int_event_subjects') }}),

records as (select * from {{ ref('int_records_clustered') }}),

as_of as (select * from {{ ref('int_as_of') }}),

-- A search of the first days of the window may repeat one from before it.
recent as (
    select
        records.customer_id,
        subjects.session_key,
        subjects.event_type,
        {{ lower_text('trim(subjects.search_text)') }} as search_text,
        subjects.results_count,
        subjects.occurred_at,
        subjects.occurred_date
    from subjects
    cross join as_of
    inner join records
        on subjects.record_key = records.record_key
    where
        subjects.event_type in ('search', 'click', 'product_view', 'cart_add')
        and {{ days_between('subjects.occurred_date', 'as_of.as_of_date') }}
        < {{ window_days('90d') + var('search_repeat_days') }}
),

searches as (
    select
        customer_id,
        session_key,
        search_text,
        count(*) as searches_count,
        max(results_count) as most_results_count,
        min(occurred_at) as searched_at,
        min(occurred_date) as searched_date
    from recent
    where event_type = 'search'
    group by customer_id, session_key, search_text
),

follow_ups as (
    select
        session_key,
        max(occurred_at) as last_follow_up_at
    from recent
    where event_type <> 'search'
    group by session_key
),

-- Whoever turns to the next page of the results searches again, too: only another session repeats.
compared as (
    select
        searches.*,
        follow_ups.last_follow_up_at,
        lag(searches.searched_date) over (
            partition by searches.customer_id, searches.search_text
            order by searches.searched_at asc nulls last, searches.session_key asc nulls last
        ) as previous_date
    from searches
    left join follow_ups
        on searches.session_key = follow_ups.session_key
),

judged as (
    select
        *,
        coalesce(most_results_count = 0, false) as is_without_result,
        coalesce(last_follow_up_at < searched_at, true) as is_without_follow_up,
        coalesce(
            search_text is not null
            and {{ days_between('previous_date', 'searched_date') }}
            <= {{ var('search_repeat_days') }},
            false
        ) as is_repeated
    from compared
),

final as (
    select
        -- keys
        judged.customer_id,
        judged.session_key,
        judged.search_text,

        -- measures
        cast(judged.searches_count as bigint) as searches_count,

        -- flags
        judged.is_without_result,
        judged.is_without_follow_up,
        judged.is_repeated,
        judged.is_without_result or judged.is_without_follow_up or judged.is_repeated as is_unmet,

        -- dates and timestamps
        judged.searched_at,
        judged.searched_date
    from judged
    cross join as_of
    where {{ in_window('judged.searched_date', 'as_of.as_of_date', '90d') }}
)

select * from final
