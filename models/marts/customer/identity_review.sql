with

edges as (select * from {{ ref('identity_edges') }}),

records as (select * from {{ ref('int_records_clustered') }}),

identity_rules as (select * from {{ ref('int_identity_rules_resolved') }}),

-- A rule of the stewards has settled these.
kept_apart as (
    select
        record_id,
        other_record_id
    from identity_rules
    where rule = 'never'
),

joining as (
    select
        record_id,
        other_record_id,
        customer_id,
        match_rule,
        strength,
        evidence,
        match_probability,
        score_levels
    from edges
    where verdict = 'joins'
),

neighbours as (
    select
        record_id,
        other_record_id
    from joining

    union all

    select
        other_record_id as record_id,
        record_id as other_record_id
    from joining
),

degrees as (
    select
        record_id,
        count(*) as neighbour_count
    from neighbours
    group by record_id
),

sizes as (
    select
        customer_id,
        count(*) as records_count
    from records
    group by customer_id
),

pair_counts as (
    select
        customer_id,
        count(*) as pairs_count
    from joining
    group by customer_id
),

-- The share of all pairs of records that something joins; a chain of n records has 2 / n of them.
clusters as (
    select
        sizes.customer_id,
        sizes.records_count,
        pair_counts.pairs_count,
        {{ divide(
            '2 * pair_counts.pairs_count', 'sizes.records_count * (sizes.records_count - 1)', 'double'
        ) }} as density
    from sizes
    inner join pair_counts
        on sizes.customer_id = pair_counts.customer_id
    where sizes.records_count > 1
),

-- Only pairs that could be the one thread between two groups are asked for common neighbours.
lone_pairs as (
    select
        joining.record_id,
        joining.other_record_id,
        joining.customer_id,
        joining.match_rule,
        joining.evidence,
        joining.match_probability,
        joining.score_levels
    from joining
    inner join degrees
        on joining.record_id = degrees.record_id
    inner join degrees as other_degrees
        on joining.other_record_id = other_degrees.record_id
    where
        joining.strength in ('medium', 'scored')
        and degrees.neighbour_count > 1
        and other_degrees.neighbour_count > 1
),

common_neighbours as (
    select
        lone_pairs.record_id,
        lone_pairs.other_record_id
    from lone_pairs
    inner join neighbours
        on lone_pairs.record_id = neighbours.record_id
    inner join neighbours as other_neighbours
        on
            lone_pairs.other_record_id = other_neighbours.record_id
            and neighbours.other_record_id = other_neighbours.other_record_id
    group by lone_pairs.record_id, lone_pairs.other_record_id
),

items as (
    select
        'large_cluster' as review_type,
        customer_id,
        cast(null as string) as record_id,
        cast(null as string) as other_record_id,
        cast(records_count as string) || ' records are one customer.' as evidence,
        records_count,
        pairs_count,
        density,
        cast(null as double) as match_probability,
        cast(null as string) as score_levels
    from clusters
    where records_count > {{ var('identity_review_large_records') }}

    union all

    select
        'thin_cluster' as review_type,
        customer_id,
        cast(null as string) as record_id,
        cast(null as string) as other_record_id,
        'Of ' || cast(records_count as string) || ' records only ' || cast(pairs_count as string)
        || ' pairs share something that joins them.' as evidence,
        records_count,
        pairs_count,
        density,
        cast(null as double) as match_probability,
        cast(null as string) as score_levels
    from clusters
    where
        records_count >= {{ var('identity_review_thin_records') }}
        and density < {{ var('identity_review_thin_density') }}

    union all

    select
        'bridge' as review_type,
        lone_pairs.customer_id,
        lone_pairs.record_id,
        lone_pairs.other_record_id,
        lone_pairs.evidence || ' Each is joined to others, and nobody to both.' as evidence,
        clusters.records_count,
        clusters.pairs_count,
        clusters.density,
        lone_pairs.match_probability,
        lone_pairs.score_levels
    from lone_pairs
    inner join clusters
        on lone_pairs.customer_id = clusters.customer_id
    left join common_neighbours
        on
            lone_pairs.record_id = common_neighbours.record_id
            and lone_pairs.other_record_id = common_neighbours.other_record_id
    where common_neighbours.record_id is null

    union all

    -- refused for third records, so that somebody should say to whom they belong; the ruled pair
    -- itself is settled
    select
        verdict as review_type,
        customer_id,
        record_id,
        other_record_id,
        evidence,
        cast(null as bigint) as records_count,
        cast(null as bigint) as pairs_count,
        cast(null as double) as density,
        match_probability,
        score_levels
    from edges
    where
        verdict in ('two_people', 'oversized')
        or (
            verdict = 'never_rule'
            and not (record_id = apart_record_id and other_record_id = apart_other_record_id)
        )

    union all

    -- what the score holds likely and two customers are, however the pair was judged
    select
        'unsure_pair' as review_type,
        edges.customer_id,
        edges.record_id,
        edges.other_record_id,
        edges.evidence,
        cast(null as bigint) as records_count,
        cast(null as bigint) as pairs_count,
        cast(null as double) as density,
        edges.match_probability,
        edges.score_levels
    from edges
    left join kept_apart
        on
            edges.record_id = kept_apart.record_id
            and edges.other_record_id = kept_apart.other_record_id
    where
        edges.match_probability is not null
        and edges.verdict not in ('joins', 'never_rule', 'two_people', 'oversized')
        and edges.customer_id <> edges.other_customer_id
        and kept_apart.record_id is null

    union all

    select
        'rule_without_effect' as review_type,
        cast(null as string) as customer_id,
        identity_rules.record_id,
        identity_rules.other_record_id,
        'A rule of the stewards (' || identity_rules.rule
        || ') names a record that is not delivered.' as evidence,
        cast(null as bigint) as records_count,
        cast(null as bigint) as pairs_count,
        cast(null as double) as density,
        cast(null as double) as match_probability,
        cast(null as string) as score_levels
    from identity_rules
    where not identity_rules.has_both_records
),

final as (
    select
        -- keys
        review_type
        || ':' || coalesce(record_id || '+' || other_record_id, customer_id) as review_id,
        customer_id,
        record_id,
        other_record_id,

        -- attributes
        review_type,
        evidence,
        score_levels,

        -- measures
        match_probability,
        records_count,
        pairs_count,
        density
    from items
)

select * from final
