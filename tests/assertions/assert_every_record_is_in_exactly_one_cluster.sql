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

counted as (
    select
        (select count(*) from source_records) as record_count,
        (select count(*) from records where not is_anchor) as merged_count,
        (select count(*) from customers) as customer_count
),

final as (
    select finding
    from lost_or_doubled

    union all

    select 'customers are not records less merges' as finding
    from counted
    where record_count - merged_count <> customer_count
)

select * from final
