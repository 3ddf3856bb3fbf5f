with

edges as (select * from {{ ref('int_identity_edges') }}),

records as (select * from {{ ref('int_records_clustered') }}),

components as (select * from {{ ref('int_records_joined') }}),

-- An edge between two customers is a merge that was lost.
torn as (
    select cast(edges.record_key as string) as finding
    from edges
    left join records
        on edges.record_key = records.record_key
    left join records as other_records
        on edges.other_record_key = other_records.record_key
    where
        not edges.is_refused
        and coalesce(records.customer_id <> other_records.customer_id, true)
),

joined as (
    select record_key
    from edges
    where not is_refused

    union

    select other_record_key as record_key
    from edges
    where not is_refused
),

-- A record that no edge joins is the only record of its customer.
clusters as (
    select
        customer_id,
        count(*) as records_count
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
        (clusters.records_count > 1 and joined.record_key is null)
        or (clusters.records_count > 1) <> (records.match_rule <> 'single_record')
),

-- A customer with two components is a merge that no chain of edges explains.
mixed as (
    select records.customer_id as finding
    from records
    inner join components
        on records.record_key = components.node_key
    group by records.customer_id
    having count(distinct components.component_key) > 1
),

final as (
    select finding
    from torn

    union all

    select finding
    from unexplained

    union all

    select finding
    from mixed
)

select * from final
