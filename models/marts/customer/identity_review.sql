with

edges as (select * from {{ ref('identity_edges') }}),

records as (select * from {{ ref('int_records_clustered') }}),

identity_rules as (select * from {{ ref('int_identity_rules_resolved') }}),

found_bridges as (select * from {{ ref('int_identity_bridges_found') }}),

questions as (select * from {{ ref('identity_questions') }}),

-- Pairs that a rule of the stewards has settled.
kept_apart as (
    select
        record_id,
        other_record_id
    from identity_rules
    where rule = 'never'
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
    from edges
    where verdict = 'joins'
    group by customer_id
),

-- Density is the share of all pairs of records that something joins; that of a chain of n records
-- is 2 / n.
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

bridges as (
    select
        records.record_id,
        other_records.record_id as other_record_id
    from found_bridges
    inner join records
        on found_bridges.record_key = records.record_key
    inner join records as other_records
        on found_bridges.other_record_key = other_records.record_key
),

pair_findings as (
    select
        'bridge' as review_type,
        record_id,
        other_record_id,
        ' Each is joined to others, and nobody to both.' as remark
    from bridges

    union all

    -- refused because of third records: a steward should say to whom they belong; the pair that
    -- the rule names is settled
    select
        verdict as review_type,
        record_id,
        other_record_id,
        '' as remark
    from edges
    where
        verdict in ('two_people', 'oversized')
        or (
            verdict = 'never_rule'
            and not (record_id = apart_record_id and other_record_id = apart_other_record_id)
        )

    union all

    -- likely one person by the score, and still two customers, whatever the verdict
    select
        'unsure_pair' as review_type,
        edges.record_id,
        edges.other_record_id,
        '' as remark
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
),

items as (
    select
        'large_cluster' as review_type,
        customer_id,
        cast(null as string) as record_id,
        cast(null as string) as other_record_id,
        cast(records_count as string) || ' records are one customer.' as evidence,
        'number_of_many' as question_code,
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
        'weakest_pair' as question_code,
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
        pair_findings.review_type,
        edges.customer_id,
        pair_findings.record_id,
        pair_findings.other_record_id,
        edges.evidence || pair_findings.remark as evidence,
        -- what differs comes before what is missing
        case
            when pair_findings.review_type = 'bridge' then 'only_link'
            when pair_findings.review_type = 'oversized' then 'number_of_many'
            when
                pair_findings.review_type in ('two_people', 'never_rule')
                or edges.verdict = 'several_people'
                then 'which_person'
            when edges.verdict = 'other_number' then 'personal_number'
            when edges.first_name_level in ('near', 'partial') then 'first_name_slip'
            when edges.first_name_level = 'other_script' then 'two_scripts'
            when edges.first_name_level = 'different' and edges.match_rule <> 'scored'
                then 'number_of_two'
            when edges.first_name_level = 'different' or edges.verdict = 'other_name'
                then 'two_names'
            when
                edges.birth_date_level in ('different', 'near')
                or edges.verdict = 'other_birth_date'
                then 'birth_date_slip'
            when edges.first_name_level = 'unknown' and edges.birth_date_level = 'unknown'
                then 'name_and_birth_date'
            when edges.first_name_level = 'unknown' then 'full_name'
            when edges.birth_date_level = 'unknown' then 'birth_date'
            else 'further_contact'
        end as question_code,
        clusters.records_count,
        clusters.pairs_count,
        clusters.density,
        edges.match_probability,
        edges.score_levels
    from pair_findings
    inner join edges
        on
            pair_findings.record_id = edges.record_id
            and pair_findings.other_record_id = edges.other_record_id
    left join clusters
        on
            case when pair_findings.review_type = 'bridge' then edges.customer_id end
            = clusters.customer_id

    union all

    select
        'rule_without_effect' as review_type,
        cast(null as string) as customer_id,
        record_id,
        other_record_id,
        'A rule of the stewards (' || rule || ') names a record that is not delivered.' as evidence,
        'number_in_rule' as question_code,
        cast(null as bigint) as records_count,
        cast(null as bigint) as pairs_count,
        cast(null as double) as density,
        cast(null as double) as match_probability,
        cast(null as string) as score_levels
    from identity_rules
    where not has_both_records
),

final as (
    select
        -- keys
        items.review_type
        || ':'
        || coalesce(
            items.record_id
            || '+'
            || replace(replace(items.other_record_id, '%', '%25'), '+', '%2B'),
            items.customer_id
        ) as review_id,
        items.customer_id,
        items.record_id,
        items.other_record_id,

        -- attributes
        items.review_type,
        items.evidence,
        items.score_levels,
        items.question_code,
        questions.question_en as question,
        questions.question_zh,

        -- measures
        items.match_probability,
        items.records_count,
        items.pairs_count,
        items.density
    from items
    left join questions
        on items.question_code = questions.question_code
)

select * from final
