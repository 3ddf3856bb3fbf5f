with

tickets as (select * from {{ ref('int_tickets_seen') }}),

reviews as (select * from {{ ref('int_reviews_seen') }}),

records as (select * from {{ ref('int_records_clustered') }}),

as_of as (select * from {{ ref('int_as_of') }}),

-- A bad review is about its product.
complaints as (
    select
        record_key,
        pain_point_kind,
        1 as tickets_count,
        0 as low_rated_reviews_count,
        opened_date as complained_date
    from tickets
    where pain_point_kind is not null

    union all

    select
        record_key,
        'product' as pain_point_kind,
        0 as tickets_count,
        1 as low_rated_reviews_count,
        written_date as complained_date
    from reviews
    where is_low_rated
),

pain_points as (
    select
        records.customer_id,
        complaints.pain_point_kind,
        sum(complaints.tickets_count) as tickets_count,
        sum(complaints.low_rated_reviews_count) as low_rated_reviews_count,
        sum({{ faded_weight('1', 'complaints.complained_date', 'as_of.as_of_date') }})
            as faded_weight,
        max(complaints.complained_date) as last_complaint_date
    from complaints
    inner join records
        on complaints.record_key = records.record_key
    cross join as_of
    group by records.customer_id, complaints.pain_point_kind
),

ranked as (
    select
        *,
        sum(faded_weight) over (partition by customer_id) as customer_weight,
        row_number() over (
            partition by customer_id
            order by
                faded_weight desc nulls last,
                last_complaint_date desc nulls last,
                pain_point_kind asc nulls last
        ) as pain_point_rank
    from pain_points
),

final as (
    select
        -- keys
        customer_id,
        pain_point_kind,

        -- measures
        cast(pain_point_rank as bigint) as pain_point_rank,
        cast(tickets_count as bigint) as tickets_count,
        cast(low_rated_reviews_count as bigint) as low_rated_reviews_count,
        cast(faded_weight as decimal(38, 8)) as faded_weight,
        {{ divide('100 * faded_weight', 'customer_weight') }} as share_pct,

        -- dates and timestamps
        last_complaint_date
    from ranked
)

select * from final
