with

records as (select * from {{ ref('int_source_records_unioned') }}),

joined as (select * from {{ ref('int_records_joined') }}),

explained as (select * from {{ ref('int_record_matches_explained') }}),

registered as (select * from {{ ref('int_customer_ids_registered') }}),

-- A record that no edge joins is a cluster of its own.
clustered as (
    select
        records.record_key,
        records.record_id,
        records.system,
        records.native_customer_id,
        records.potential_customer_id,
        records.is_inferred,
        records.first_seen_at,
        coalesce(joined.component_key, records.record_key) as cluster_key,
        coalesce(explained.match_rule, 'single_record') as match_rule,
        explained.match_weight,
        coalesce(explained.evidence, 'The only record of this customer.') as evidence,
        registered.customer_id as registered_customer_id,
        registered.own_id_first_build_id,
        case
            when registered.is_own_id_current then 1
            when registered.own_id_first_build_id is not null then 2
            else 3
        end as id_class
    from records
    left join joined
        on records.record_key = joined.node_key
    left join explained
        on records.record_key = explained.record_key
    left join registered
        on records.record_key = registered.record_key
),

-- Published ids whose own record is no longer delivered. Of the records that were published with
-- such an id, the first one keeps it.
left_behind as (
    select
        clustered.cluster_key,
        clustered.record_key,
        clustered.registered_customer_id as customer_id,
        owners.own_id_first_build_id,
        clustered.first_seen_at,
        clustered.system,
        clustered.native_customer_id,
        row_number() over (
            partition by clustered.registered_customer_id
            order by
                clustered.first_seen_at asc nulls last,
                clustered.system asc nulls last,
                clustered.native_customer_id asc nulls last
        ) as heir_rank
    from clustered
    inner join registered as owners
        on clustered.registered_customer_id = owners.potential_customer_id
    where not owners.is_present
),

id_candidates as (
    select
        cluster_key,
        record_key,
        potential_customer_id as customer_id,
        id_class,
        own_id_first_build_id,
        first_seen_at,
        system,
        native_customer_id
    from clustered

    union all

    select
        cluster_key,
        record_key,
        customer_id,
        1 as id_class,
        own_id_first_build_id,
        first_seen_at,
        system,
        native_customer_id
    from left_behind
    where heir_rank = 1
),

-- A published id stays; of several, the one that was published first. Otherwise the anchor is the
-- earliest record by business time, then by system and native id.
ranked as (
    select
        cluster_key,
        record_key,
        customer_id,
        row_number() over (
            partition by cluster_key
            order by
                id_class asc nulls last,
                own_id_first_build_id asc nulls last,
                first_seen_at asc nulls last,
                system asc nulls last,
                native_customer_id asc nulls last,
                customer_id asc nulls last
        ) as anchor_rank
    from id_candidates
),

anchors as (
    select
        cluster_key,
        record_key as anchor_record_key,
        customer_id
    from ranked
    where anchor_rank = 1
),

final as (
    select
        -- keys
        clustered.record_key,
        anchors.customer_id,
        anchors.anchor_record_key,
        clustered.record_id,
        clustered.system,
        clustered.native_customer_id,

        -- attributes
        clustered.match_rule,
        clustered.evidence,

        -- measures
        clustered.match_weight,

        -- flags
        clustered.record_key = anchors.anchor_record_key as is_anchor,
        clustered.is_inferred,

        -- dates and timestamps
        clustered.first_seen_at
    from clustered
    inner join anchors
        on clustered.cluster_key = anchors.cluster_key
)

select * from final
