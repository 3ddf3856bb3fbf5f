with

source_records as (select * from {{ ref('int_source_records_unioned') }}),

records as (select * from {{ ref('int_records_clustered') }}),

customers as (select * from {{ ref('dim_customers') }}),

clustered as (
    select
        record_key,
        count(*) as cluster_count
    from records
    group by record_key
),

lost_or_doubled as (
    select cast(source_records.record_key as string) as finding
    from source_records
    left join clustered
        on source_records.record_key = clustered.record_key
    where coalesce(clustered.cluster_count, 0) <> 1

    union all

    select cast(clustered.record_key as string) as finding
    from clustered
    left join source_records
        on clustered.record_key = source_records.record_key
    where source_records.record_key is null
),

anchors as (
    select record_id
    from records
    where is_anchor
),

final as (
    select finding
    from lost_or_doubled

    union all

    -- a record that is not an anchor was merged into one, so anchors and customers are the same
    select coalesce(anchors.record_id, customers.anchor_record_id) as finding
    from anchors
    full outer join customers
        on anchors.record_id = customers.anchor_record_id
    where
        anchors.record_id is null
        or customers.anchor_record_id is null
)

select * from final
