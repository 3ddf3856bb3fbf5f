with

pairs as (select * from {{ ref('int_identity_pairs_judged') }}),

records as (select * from {{ ref('int_records_clustered') }}),

scored as (select * from {{ ref('int_match_pairs_explained') }}),

verdicts as (select * from {{ ref('identity_verdicts') }}),

-- The parts of a sentence: what the two share, how they compare, and why they do not join.
worded as (
    select
        pairs.*,
        case
            when pairs.match_rule = 'steward' and pairs.shared_types_count = 1
                then 'A rule of the stewards says that they are one person'
            when pairs.match_rule = 'steward'
                then
                    'A rule of the stewards says that they are one person; share '
                    || pairs.second_label
            when pairs.match_rule = 'scored' then 'Alike in their particulars'
            when pairs.shared_types_count > 2
                then 'Share ' || pairs.first_label || ', ' || pairs.second_label || ' and more'
            when pairs.shared_types_count = 2
                then 'Share ' || pairs.first_label || ' and ' || pairs.second_label
            else 'Share ' || pairs.first_label
        end as shared_part,
        case pairs.first_name_level
            when 'unknown' then ''
            when 'different' then '; first names differ'
            when 'other_script' then '; first names are of different scripts'
            when 'near' then '; first names nearly agree'
            when 'partial' then '; one first name begins with the other'
            else '; first names agree'
        end as first_name_part,
        case pairs.birth_date_level
            when 'unknown' then ''
            when 'different' then '; birth dates differ'
            when 'near' then '; birth dates nearly agree'
            else '; birth dates agree'
        end as birth_date_part,
        case
            when pairs.verdict = 'joins' then ''
            -- refused for the sake of another pair
            when
                pairs.record_key <> pairs.apart_record_key
                or pairs.other_record_key <> pairs.apart_other_record_key
                then
                    ' ' || coalesce(
                        nullif(verdicts.third_records_explanation, ''), verdicts.explanation
                    )
            when pairs.match_rule = 'scored'
                then
                    ' ' || coalesce(nullif(verdicts.scored_explanation, ''), verdicts.explanation)
            else ' ' || verdicts.explanation
        end as verdict_part
    from pairs
    inner join verdicts
        on pairs.verdict = verdicts.verdict
),

final as (
    select
        -- keys
        records.record_id,
        other_records.record_id as other_record_id,
        records.customer_id,
        other_records.customer_id as other_customer_id,
        cast(worded.identifier_key as string) as identifier_id,
        apart_records.record_id as apart_record_id,
        apart_other_records.record_id as apart_other_record_id,

        -- attributes
        worded.verdict,
        worded.match_rule,
        worded.strength,
        worded.first_name_level,
        worded.birth_date_level,
        worded.shared_part || worded.first_name_part || worded.birth_date_part || '.'
        || worded.verdict_part as evidence,
        scored.score_levels,

        -- measures
        worded.shared_types_count,
        worded.match_weight,
        scored.match_probability
    from worded
    inner join records
        on worded.record_key = records.record_key
    inner join records as other_records
        on worded.other_record_key = other_records.record_key
    left join records as apart_records
        on worded.apart_record_key = apart_records.record_key
    left join records as apart_other_records
        on worded.apart_other_record_key = apart_other_records.record_key
    left join scored
        on
            worded.record_key = scored.record_key
            and worded.other_record_key = scored.other_record_key
)

select * from final
