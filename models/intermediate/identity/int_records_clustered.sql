with

records as (select * from {{ ref('int_source_records_unioned') }}),

joined as (select * from {{ ref('int_records_joined') }}),

explained as (select * from {{ ref('int_record_matches_explained') }}),

-- A record that no edge joins is a cluster of its own.
clustered as (
    select
        records.record_key,
        coalesce(joined.component_key, records.record_key) as cluster_key,
        coalesce(explained.match_rule, 'single_record') as match_rule,
        cast(null as double) as match_weight,
        coalesce(explained.evidence, 'The only record of this customer.') as evidence
    from records
    left join joined
        on records.record_key = joined.node_key
    left join explained
        on records.record_key = explained.record_key
),

-- The anchor is the earliest record by business time, then by system and native id.
ranked as (
    select
        clustered.record_key,
        clustered.cluster_key,
        clustered.match_rule,
        clustered.match_weight,
        clustered.evidence,
        records.record_id,
        records.system,
        records.native_customer_id,
        records.potential_customer_id,
        records.is_inferred,
        records.first_seen_at,
        row_number() over (
            partition by clustered.cluster_key
            order by
                records.first_seen_at asc nulls last,
                records.system asc nulls last,
                records.native_customer_id asc nulls last
        ) as anchor_rank
    from clustered
    inner join records
        on clustered.record_key = records.record_key
),

anchors as (
    select
        cluster_key,
        record_key as anchor_record_key,
        potential_customer_id as customer_id
    from ranked
    where anchor_rank = 1
),

final as (
    select
        -- keys
        ranked.record_key,
        anchors.customer_id,
        anchors.anchor_record_key,
        ranked.record_id,
        ranked.system,
        ranked.native_customer_id,

        -- attributes
        ranked.match_rule,
        ranked.evidence,

        -- measures
        ranked.match_weight,

        -- flags
        ranked.record_key = anchors.anchor_record_key as is_anchor,
        ranked.is_inferred,

        -- dates and timestamps
        ranked.first_seen_at
    from ranked
    inner join anchors
        on ranked.cluster_key = anchors.cluster_key
)

select * from final
