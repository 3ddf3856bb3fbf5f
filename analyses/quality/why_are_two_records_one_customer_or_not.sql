-- Why are two records one customer, or why not? The result holds every pair among their
-- customers that shares something; the pairs that join make the chain from one record to the other.
-- (`portrait why RECORD RECORD` says it in words.)
with

-- The two records in question: here the ends of the heaviest pair that shares something and does
-- not join.
asked as (
    select
        record_id,
        other_record_id
    from marts.identity_edges
    where verdict <> 'joins'
    order by match_weight desc nulls last, record_id asc, other_record_id asc
    limit 1
),

their_customers as (
    select bridge.customer_id
    from marts.bridge_customer_identities as bridge
    inner join asked
        on bridge.record_id in (asked.record_id, asked.other_record_id)
),

final as (
    select
        edges.record_id,
        edges.other_record_id,
        edges.verdict,
        edges.match_weight,
        edges.match_probability,
        edges.evidence,
        edges.score_levels
    from marts.identity_edges as edges
    where
        edges.customer_id in (select theirs.customer_id from their_customers as theirs)
        and edges.other_customer_id in (select theirs.customer_id from their_customers as theirs)
)

select * from final
order by verdict asc, match_weight desc nulls first, record_id asc, other_record_id asc
