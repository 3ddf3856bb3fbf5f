with

edges as (select * from {{ ref('int_identity_edges') }}),

pairs as (select * from {{ ref('int_identifier_pairs_compared') }}),

records as (select * from {{ ref('int_records_clustered') }}),

identifier_types as (select * from {{ ref('identifier_types') }}),

scored as (select * from {{ ref('int_match_pairs_explained') }}),

-- What hangs on a value without being an edge: it was compared and judged, or taken out of a
-- component afterwards.
evidence as (
    select
        record_key,
        other_record_key,
        identifier_key,
        identifier_type,
        strength,
        first_name_level,
        birth_date_level,
        noun,
        priority,
        match_weight,
        apart_record_key,
        apart_other_record_key,
        coalesce(refusal, 'joins') as verdict
    from edges

    union all

    select
        pairs.record_key,
        pairs.other_record_key,
        pairs.identifier_key,
        pairs.identifier_type,
        pairs.strength,
        pairs.first_name_level,
        pairs.birth_date_level,
        identifier_types.noun,
        pairs.priority,
        identifier_types.match_weight,
        cast(null as bigint) as apart_record_key,
        cast(null as bigint) as apart_other_record_key,
        case when pairs.verdict = 'joins' then 'oversized' else pairs.verdict end as verdict
    from pairs
    inner join identifier_types
        on pairs.identifier_type = identifier_types.identifier_type
    left join edges
        on
            pairs.record_key = edges.record_key
            and pairs.other_record_key = edges.other_record_key
            and pairs.identifier_key = edges.identifier_key
            and pairs.identifier_type = edges.identifier_type
    where edges.record_key is null
),

paired as (
    select
        record_key,
        other_record_key
    from evidence
    group by record_key, other_record_key
),

-- Pairs that nothing but the score speaks for, and that it did not join, or not in the end.
scored_only as (
    select
        scored.record_key,
        scored.other_record_key,
        cast(null as bigint) as identifier_key,
        identifier_types.identifier_type,
        'scored' as strength,
        scored.first_name_level,
        scored.birth_date_level,
        identifier_types.noun,
        identifier_types.priority,
        scored.match_weight,
        cast(null as bigint) as apart_record_key,
        cast(null as bigint) as apart_other_record_key,
        case when scored.verdict = 'joins' then 'oversized' else scored.verdict end as verdict
    from scored
    inner join identifier_types
        on identifier_types.identifier_type = 'scored'
    left join paired
        on
            scored.record_key = paired.record_key
            and scored.other_record_key = paired.other_record_key
    where paired.record_key is null
),

unioned as (
    select
        record_key,
        other_record_key,
        identifier_key,
        identifier_type,
        strength,
        first_name_level,
        birth_date_level,
        noun,
        priority,
        match_weight,
        apart_record_key,
        apart_other_record_key,
        verdict
    from evidence

    union all

    select
        record_key,
        other_record_key,
        identifier_key,
        identifier_type,
        strength,
        first_name_level,
        birth_date_level,
        noun,
        priority,
        match_weight,
        apart_record_key,
        apart_other_record_key,
        verdict
    from scored_only
),

-- A pair is what its best evidence makes of it; the rest would not change that.
judged as (
    select
        record_key,
        other_record_key,
        identifier_key,
        identifier_type,
        strength,
        first_name_level,
        birth_date_level,
        noun,
        priority,
        match_weight,
        apart_record_key,
        apart_other_record_key,
        verdict,
        rank() over (
            partition by record_key, other_record_key
            order by
                case verdict
                    when 'joins' then 1
                    when 'never_rule' then 2
                    when 'two_people' then 3
                    when 'oversized' then 3
                    when 'conflict' then 4
                    when 'several_people' then 5
                    when 'no_agreement' then 6
                    else 7
                end asc nulls last
        ) as verdict_rank
    from unioned
),

-- A pair may share several values of one type.
shared_types as (
    select
        record_key,
        other_record_key,
        verdict,
        identifier_type,
        strength,
        noun,
        min(identifier_key) as identifier_key,
        min(apart_record_key) as apart_record_key,
        min(apart_other_record_key) as apart_other_record_key,
        max(first_name_level) as first_name_level,
        max(birth_date_level) as birth_date_level,
        max(match_weight) as match_weight,
        row_number() over (
            partition by record_key, other_record_key
            order by min(priority) asc nulls last, identifier_type asc nulls last
        ) as type_rank
    from judged
    where verdict_rank = 1
    group by record_key, other_record_key, verdict, identifier_type, strength, noun
),

joined_pairs as (
    select
        record_key,
        other_record_key,
        verdict,
        min(apart_record_key) as apart_record_key,
        min(apart_other_record_key) as apart_other_record_key,
        max(case when type_rank = 1 then identifier_type end) as match_rule,
        max(case when type_rank = 1 then strength end) as strength,
        max(case when type_rank = 1 then identifier_key end) as identifier_key,
        coalesce(max(first_name_level), 'unknown') as first_name_level,
        coalesce(max(birth_date_level), 'unknown') as birth_date_level,
        max(case when type_rank = 1 then noun end) as first_noun,
        max(case when type_rank = 2 then noun end) as second_noun,
        max(match_weight) as match_weight,
        count(*) as shared_types_count
    from shared_types
    group by record_key, other_record_key, verdict
),

final as (
    select
        -- keys
        records.record_id,
        other_records.record_id as other_record_id,
        records.customer_id,
        other_records.customer_id as other_customer_id,
        cast(joined_pairs.identifier_key as string) as identifier_id,
        apart_records.record_id as apart_record_id,
        apart_other_records.record_id as apart_other_record_id,

        -- attributes
        joined_pairs.verdict,
        joined_pairs.match_rule,
        joined_pairs.strength,
        joined_pairs.first_name_level,
        joined_pairs.birth_date_level,
        case
            when joined_pairs.match_rule = 'steward' and joined_pairs.shared_types_count = 1
                then 'A rule of the stewards says that they are one person'
            when joined_pairs.match_rule = 'steward'
                then
                    'A rule of the stewards says that they are one person; share '
                    || joined_pairs.second_noun
            when joined_pairs.match_rule = 'scored' then 'Alike in their particulars'
            else 'Share ' || joined_pairs.first_noun
        end
        || case
            when joined_pairs.match_rule = 'steward' then ''
            when joined_pairs.shared_types_count > 2
                then ', ' || joined_pairs.second_noun || ' and more'
            when joined_pairs.shared_types_count = 2 then ' and ' || joined_pairs.second_noun
            else ''
        end
        || case joined_pairs.first_name_level
            when 'unknown' then ''
            when 'different' then '; first names differ'
            when 'other_script' then '; first names are of different scripts'
            when 'near' then '; first names nearly agree'
            when 'partial' then '; one first name begins with the other'
            else '; first names agree'
        end
        || case joined_pairs.birth_date_level
            when 'unknown' then '.'
            when 'different' then '; birth dates differ.'
            when 'near' then '; birth dates nearly agree.'
            else '; birth dates agree.'
        end
        || case joined_pairs.verdict
            when 'joins' then ''
            when 'never_rule'
                then
                    case
                        when
                            joined_pairs.record_key = joined_pairs.apart_record_key
                            and joined_pairs.other_record_key = joined_pairs.apart_other_record_key
                            then ' Not joined: a rule of the stewards keeps them apart.'
                        else
                            ' Not joined: a rule of the stewards keeps records apart that they'
                            || ' belong to.'
                    end
            when 'two_people'
                then ' Not joined: two people who conflict would hang together.'
            when 'oversized' then ' Not joined: too many records would hang together.'
            when 'conflict' then ' Not joined: that is a conflict.'
            when 'several_people'
                then
                    ' Not joined: several people share '
                    || case when joined_pairs.match_rule = 'scored' then 'what agrees' else 'it' end
                    || ', and nothing says that these two are the same one of them.'
            when 'no_agreement'
                then ' Not joined: on this alone first names or birth dates have to agree.'
            when 'unsure' then ' Not joined: all in all that is not sure enough.'
            when 'other_name'
                then ' Not joined: names differ, and too little else is one person''s own.'
            when 'other_birth_date'
                then ' Not joined: birth dates differ, and too little else is one person''s own.'
            when 'household' then ' Not joined: a household shares all that agrees.'
            when 'number_alone' then ' Not joined: nothing but a number agrees.'
            else
                ' Not joined: a record without first name and birth date follows one other value.'
        end as evidence,
        scored.score_levels,

        -- measures
        joined_pairs.shared_types_count,
        joined_pairs.match_weight,
        scored.match_probability
    from joined_pairs
    inner join records
        on joined_pairs.record_key = records.record_key
    inner join records as other_records
        on joined_pairs.other_record_key = other_records.record_key
    left join records as apart_records
        on joined_pairs.apart_record_key = apart_records.record_key
    left join records as apart_other_records
        on joined_pairs.apart_other_record_key = apart_other_records.record_key
    left join scored
        on
            joined_pairs.record_key = scored.record_key
            and joined_pairs.other_record_key = scored.other_record_key
)

select * from final
