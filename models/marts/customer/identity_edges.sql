with

edges as (select * from {{ ref('int_identity_edges') }}),

records as (select * from {{ ref('int_records_clustered') }}),

identifier_types as (select * from {{ ref('identifier_types') }}),

-- A pair may share several values of one type.
shared_types as (
    select
        edges.record_key,
        edges.other_record_key,
        edges.identifier_type,
        edges.strength,
        edges.first_name_level,
        edges.birth_date_level,
        identifier_types.noun,
        min(edges.identifier_key) as identifier_key,
        max(edges.match_weight) as match_weight,
        row_number() over (
            partition by edges.record_key, edges.other_record_key
            order by identifier_types.priority asc nulls last, edges.identifier_type asc nulls last
        ) as type_rank
    from edges
    inner join identifier_types
        on edges.identifier_type = identifier_types.identifier_type
    group by
        edges.record_key,
        edges.other_record_key,
        edges.identifier_type,
        edges.strength,
        edges.first_name_level,
        edges.birth_date_level,
        identifier_types.noun,
        identifier_types.priority
),

pairs as (
    select
        record_key,
        other_record_key,
        max(case when type_rank = 1 then identifier_type end) as match_rule,
        max(case when type_rank = 1 then strength end) as strength,
        max(case when type_rank = 1 then identifier_key end) as identifier_key,
        max(first_name_level) as first_name_level,
        max(birth_date_level) as birth_date_level,
        max(case when type_rank = 1 then noun end) as first_noun,
        max(case when type_rank = 2 then noun end) as second_noun,
        max(match_weight) as match_weight,
        count(*) as shared_type_count
    from shared_types
    group by record_key, other_record_key
),

final as (
    select
        -- keys
        records.record_id,
        other_records.record_id as other_record_id,
        records.customer_id,
        cast(pairs.identifier_key as string) as identifier_id,

        -- attributes
        pairs.match_rule,
        pairs.strength,
        pairs.first_name_level,
        pairs.birth_date_level,
        'Share '
        || pairs.first_noun
        || case
            when pairs.shared_type_count > 2 then ', ' || pairs.second_noun || ' and more'
            when pairs.shared_type_count = 2 then ' and ' || pairs.second_noun
            else ''
        end
        || case pairs.first_name_level
            when 'unknown' then ''
            when 'different' then '; first names differ'
            when 'other_script' then '; first names are of different scripts'
            when 'near' then '; first names nearly agree'
            when 'partial' then '; one first name begins with the other'
            else '; first names agree'
        end
        || case pairs.birth_date_level
            when 'unknown' then '.'
            when 'different' then '; birth dates differ.'
            when 'near' then '; birth dates nearly agree.'
            else '; birth dates agree.'
        end as evidence,

        -- measures
        pairs.shared_type_count,
        pairs.match_weight
    from pairs
    inner join records
        on pairs.record_key = records.record_key
    inner join records as other_records
        on pairs.other_record_key = other_records.record_key
)

select * from final
