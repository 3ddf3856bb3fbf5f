with

edges as (select * from {{ ref('int_identity_edges') }}),

records as (select * from {{ ref('int_records_clustered') }}),

-- An edge between two customers is a merge that was lost.
torn as (
    select cast(edges.record_key as string) as finding
    from edges
    left join records
        on edges.record_key = records.record_key
    left join records as other_records
        on edges.other_record_key = other_records.record_key
    where coalesce(records.customer_id <> other_records.customer_id, true)
),

joined as (
    select record_key
    from edges

    union

    select other_record_key as record_key
    from edges
),

-- A record that nothing joins is alone with its customer, and n records need n - 1 pairs.
clusters as (
    select
        customer_id,
        count(*) as record_count
    from records
    group by customer_id
),

unexplained as (
    select records.record_id as finding
    from records
    inner join clusters
        on records.customer_id = clusters.customer_id
    left join joined
        on records.record_key = joined.record_key
    where
        (clusters.record_count > 1 and joined.record_key is null)
        or (clusters.record_count > 1) <> (records.match_rule <> 'single_record')
),

pairs as (
    select
        records.customer_id,
        edges.record_key,
        edges.other_record_key
    from edges
    inner join records
        on edges.record_key = records.record_key
    group by records.customer_id, edges.record_key, edges.other_record_key
),

pair_totals as (
    select
        customer_id,
        count(*) as pair_count
    from pairs
    group by customer_id
),

final as (
    select finding
    from torn

    union all

    select finding
    from unexplained

    union all

    select clusters.customer_id as finding
    from clusters
    left join pair_totals
        on clusters.customer_id = pair_totals.customer_id
    where coalesce(pair_totals.pair_count, 0) < clusters.record_count - 1
)

select * from final
