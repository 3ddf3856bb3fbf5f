with

edges as (select * from {{ ref('int_identity_edges') }}),

identifier_pairs as (select * from {{ ref('int_identifier_pairs_judged') }}),

scored_pairs as (select * from {{ ref('int_match_pairs_explained') }}),

identifier_types as (select * from {{ ref('identifier_types') }}),

verdicts as (select * from {{ ref('identity_verdicts') }}),

-- Values that were compared and became no edge: they do not join, or too many records would hang
-- together.
values_without_edge as (
    select
        identifier_pairs.*,
        coalesce(
            case when identifier_pairs.is_earlier then identifier_types.earlier_label end,
            identifier_types.identifier_label
        ) as identifier_label,
        identifier_types.match_weight,
        case
            when identifier_pairs.verdict = 'joins' then 'oversized'
            else identifier_pairs.verdict
        end as pair_verdict
    from identifier_pairs
    inner join identifier_types
        on identifier_pairs.identifier_type = identifier_types.identifier_type
    left join edges
        on
            identifier_pairs.record_key = edges.record_key
            and identifier_pairs.other_record_key = edges.other_record_key
            and identifier_pairs.identifier_key = edges.identifier_key
            and identifier_pairs.identifier_type = edges.identifier_type
    where edges.record_key is null
),

pairs_with_evidence as (
    select
        record_key,
        other_record_key
    from edges

    union

    select
        record_key,
        other_record_key
    from identifier_pairs
),

-- Pairs for which only their score speaks, and which it does not join, or not in the end.
scores_alone as (
    select
        scored_pairs.*,
        identifier_types.identifier_type,
        identifier_types.identifier_label,
        identifier_types.priority,
        case
            when scored_pairs.verdict = 'joins' then 'oversized'
            else scored_pairs.verdict
        end as pair_verdict
    from scored_pairs
    inner join identifier_types
        on identifier_types.identifier_type = 'scored'
    left join pairs_with_evidence
        on
            scored_pairs.record_key = pairs_with_evidence.record_key
            and scored_pairs.other_record_key = pairs_with_evidence.other_record_key
    where pairs_with_evidence.record_key is null
),

evidence as (
    select
        record_key,
        other_record_key,
        identifier_key,
        apart_record_key,
        apart_other_record_key,
        identifier_type,
        strength,
        first_name_level,
        birth_date_level,
        identifier_label,
        priority,
        match_weight,
        coalesce(refusal, 'joins') as verdict
    from edges

    union all

    select
        record_key,
        other_record_key,
        identifier_key,
        cast(null as bigint) as apart_record_key,
        cast(null as bigint) as apart_other_record_key,
        identifier_type,
        strength,
        first_name_level,
        birth_date_level,
        identifier_label,
        priority,
        match_weight,
        pair_verdict as verdict
    from values_without_edge

    union all

    select
        record_key,
        other_record_key,
        cast(null as bigint) as identifier_key,
        cast(null as bigint) as apart_record_key,
        cast(null as bigint) as apart_other_record_key,
        identifier_type,
        'scored' as strength,
        first_name_level,
        birth_date_level,
        identifier_label,
        priority,
        match_weight,
        pair_verdict as verdict
    from scores_alone
),

-- The verdict of a pair is that of its best evidence; other evidence would not change it.
ranked as (
    select
        evidence.*,
        rank() over (
            partition by evidence.record_key, evidence.other_record_key
            order by verdicts.verdict_rank asc nulls last
        ) as evidence_rank
    from evidence
    inner join verdicts
        on evidence.verdict = verdicts.verdict
),

-- A pair may share several values of one type, some of them no longer.
types_ranked as (
    select
        record_key,
        other_record_key,
        verdict,
        identifier_type,
        strength,
        identifier_label,
        min(identifier_key) as identifier_key,
        min(apart_record_key) as apart_record_key,
        min(apart_other_record_key) as apart_other_record_key,
        max(first_name_level) as first_name_level,
        max(birth_date_level) as birth_date_level,
        max(match_weight) as match_weight,
        row_number() over (
            partition by record_key, other_record_key
            order by
                min(priority) asc nulls last,
                identifier_type asc nulls last,
                identifier_label asc nulls last
        ) as type_rank
    from ranked
    where evidence_rank = 1
    group by record_key, other_record_key, verdict, identifier_type, strength, identifier_label
),

final as (
    select
        -- keys
        record_key,
        other_record_key,
        max(case when type_rank = 1 then identifier_key end) as identifier_key,
        min(apart_record_key) as apart_record_key,
        min(apart_other_record_key) as apart_other_record_key,

        -- attributes
        verdict,
        max(case when type_rank = 1 then identifier_type end) as match_rule,
        max(case when type_rank = 1 then strength end) as strength,
        coalesce(max(first_name_level), 'unknown') as first_name_level,
        coalesce(max(birth_date_level), 'unknown') as birth_date_level,
        max(case when type_rank = 1 then identifier_label end) as first_label,
        max(case when type_rank = 2 then identifier_label end) as second_label,

        -- measures
        max(match_weight) as match_weight,
        count(distinct identifier_type) as shared_types_count
    from types_ranked
    group by record_key, other_record_key, verdict
)

select * from final
