with

history as (select * from {{ ref('int_identity_events_published') }}),

registered as (select * from {{ ref('int_customer_ids_registered') }}),

records as (select * from {{ ref('int_records_clustered') }}),

edges as (select * from {{ ref('identity_edges') }}),

as_of as (select * from {{ ref('int_as_of') }}),

-- A build for an earlier date sees fewer records than were published, so it finds no merge or
-- split.
compared as (
    select
        records.record_id,
        registered.customer_id as from_customer_id,
        records.customer_id as to_customer_id,
        as_of.as_of_date as event_date
    from records
    inner join registered
        on records.record_key = registered.record_key
    inner join as_of
        on coalesce(registered.registry_date <= as_of.as_of_date, true)
),

destinations as (
    select
        from_customer_id,
        count(distinct to_customer_id) as customer_count
    from compared
    group by from_customer_id
),

-- A customer whose records all went to one other customer was merged with it; a customer whose
-- records went to several was split.
moves as (
    select
        case when destinations.customer_count = 1 then 'merge' else 'split' end as event,
        compared.from_customer_id,
        compared.to_customer_id,
        compared.event_date,
        count(*) as records_count
    from compared
    inner join destinations
        on compared.from_customer_id = destinations.from_customer_id
    where compared.from_customer_id <> compared.to_customer_id
    group by
        destinations.customer_count,
        compared.from_customer_id,
        compared.to_customer_id,
        compared.event_date
),

-- Edges of the records that moved: those that join them to their new customer, and those that would
-- join them to the records that they left.
touching as (
    select
        compared.from_customer_id,
        compared.to_customer_id,
        edges.record_id,
        edges.other_record_id,
        edges.verdict,
        edges.match_rule,
        edges.match_weight,
        edges.evidence,
        others.from_customer_id as other_from_customer_id,
        edges.other_customer_id as other_to_customer_id
    from compared
    inner join edges
        on compared.record_id = edges.record_id
    left join compared as others
        on edges.other_record_id = others.record_id
    where compared.from_customer_id <> compared.to_customer_id

    union all

    select
        compared.from_customer_id,
        compared.to_customer_id,
        edges.record_id,
        edges.other_record_id,
        edges.verdict,
        edges.match_rule,
        edges.match_weight,
        edges.evidence,
        others.from_customer_id as other_from_customer_id,
        edges.customer_id as other_to_customer_id
    from compared
    inner join edges
        on compared.record_id = edges.other_record_id
    left join compared as others
        on edges.record_id = others.record_id
    where compared.from_customer_id <> compared.to_customer_id
),

reasons as (
    select
        moves.from_customer_id,
        moves.to_customer_id,
        touching.verdict,
        touching.match_rule,
        touching.evidence,
        row_number() over (
            partition by moves.from_customer_id, moves.to_customer_id
            order by
                case when touching.verdict = 'never_rule' then 1 else 2 end asc nulls last,
                touching.match_weight desc nulls first,
                touching.record_id asc nulls last,
                touching.other_record_id asc nulls last
        ) as reason_rank
    from moves
    inner join touching
        on
            moves.from_customer_id = touching.from_customer_id
            and moves.to_customer_id = touching.to_customer_id
    where
        (
            moves.event = 'merge'
            and touching.verdict = 'joins'
            and coalesce(touching.other_from_customer_id <> moves.from_customer_id, true)
        )
        or (
            moves.event = 'split'
            and touching.verdict <> 'joins'
            and touching.other_from_customer_id = moves.from_customer_id
            and touching.other_to_customer_id <> moves.to_customer_id
        )
),

earlier_events as (
    select
        event,
        from_customer_id,
        to_customer_id,
        count(*) as event_count
    from history
    group by event, from_customer_id, to_customer_id
),

happened as (
    select
        moves.event,
        moves.from_customer_id,
        moves.to_customer_id,
        coalesce(earlier_events.event_count, 0) + 1 as event_number,
        case
            when reasons.evidence is null then 'no_evidence'
            when moves.event = 'merge' then reasons.match_rule
            else reasons.verdict
        end as reason,
        coalesce(reasons.evidence, 'Nothing joins them any more.') as evidence,
        moves.records_count,
        moves.event_date
    from moves
    left join reasons
        on
            moves.from_customer_id = reasons.from_customer_id
            and moves.to_customer_id = reasons.to_customer_id
            and reasons.reason_rank = 1
    left join earlier_events
        on
            moves.event = earlier_events.event
            and moves.from_customer_id = earlier_events.from_customer_id
            and moves.to_customer_id = earlier_events.to_customer_id
),

events as (
    select
        event,
        from_customer_id,
        to_customer_id,
        event_number,
        reason,
        evidence,
        records_count,
        event_date
    from history

    union all

    select
        event,
        from_customer_id,
        to_customer_id,
        event_number,
        reason,
        evidence,
        records_count,
        event_date
    from happened
),

final as (
    select
        -- keys
        event,
        from_customer_id,
        to_customer_id,
        cast(event_number as bigint) as event_number,

        -- attributes
        reason,
        evidence,

        -- measures
        cast(records_count as bigint) as records_count,

        -- dates and timestamps
        event_date
    from events
)

select * from final
