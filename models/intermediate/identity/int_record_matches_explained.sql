with

edges as (select * from {{ ref('int_identity_edges') }}),

source_records as (select * from {{ ref('int_source_records_unioned') }}),

neighbours as (
    select
        record_key,
        other_record_key,
        identifier_type,
        identifier_label,
        priority,
        match_weight,
        first_name_level,
        birth_date_level
    from edges
    where not is_refused

    union all

    select
        other_record_key as record_key,
        record_key as other_record_key,
        identifier_type,
        identifier_label,
        priority,
        match_weight,
        first_name_level,
        birth_date_level
    from edges
    where not is_refused
),

shared_types as (
    select
        neighbours.record_key,
        neighbours.identifier_type,
        neighbours.identifier_label,
        max(neighbours.match_weight) as match_weight,
        row_number() over (
            partition by neighbours.record_key
            order by
                min(neighbours.priority) asc nulls last,
                neighbours.identifier_type asc nulls last,
                neighbours.identifier_label asc nulls last
        ) as type_rank
    from neighbours
    group by neighbours.record_key, neighbours.identifier_type, neighbours.identifier_label
),

listed_types as (
    select
        record_key,
        max(case when type_rank = 1 then identifier_type end) as match_rule,
        max(case when type_rank = 1 then match_weight end) as match_weight,
        max(case when type_rank = 1 then identifier_label end) as first_label,
        max(case when type_rank = 2 then identifier_label end) as second_label,
        max(case when type_rank = 3 then identifier_label end) as third_label,
        count(*) as type_count
    from shared_types
    group by record_key
),

shared_systems as (
    select
        neighbours.record_key,
        source_records.system,
        count(distinct neighbours.other_record_key) as records_count,
        row_number() over (
            partition by neighbours.record_key
            order by source_records.system asc nulls last
        ) as system_rank
    from neighbours
    inner join source_records
        on neighbours.other_record_key = source_records.record_key
    group by neighbours.record_key, source_records.system
),

listed_systems as (
    select
        record_key,
        sum(records_count) as records_count,
        concat_ws(
            ', ',
            max(case when system_rank = 1 then system end),
            max(case when system_rank = 2 then system end),
            max(case when system_rank = 3 then system end),
            max(case when system_rank = 4 then system end),
            max(case when system_rank = 5 then 'others' end)
        ) as systems
    from shared_systems
    group by record_key
),

agreements as (
    select
        record_key,
        max(case when first_name_level in ('equal', 'swapped') then 1 else 0 end) = 1
            as has_first_name,
        max(case when birth_date_level = 'equal' then 1 else 0 end) = 1 as has_birth_date
    from neighbours
    group by record_key
),

final as (
    select
        -- keys
        listed_types.record_key,

        -- attributes
        listed_types.match_rule,
        'Shares '
        || case
            when listed_types.type_count = 1 then listed_types.first_label
            when listed_types.type_count = 2
                then listed_types.first_label || ' and ' || listed_types.second_label
            when listed_types.type_count = 3
                then
                    listed_types.first_label || ', ' || listed_types.second_label || ' and '
                    || listed_types.third_label
            else
                listed_types.first_label || ', ' || listed_types.second_label || ', '
                || listed_types.third_label || ' and more'
        end
        || ' with '
        || case
            when listed_systems.records_count = 1 then '1 record'
            else cast(listed_systems.records_count as string) || ' records'
        end
        || ' (' || listed_systems.systems || ')'
        || case
            when agreements.has_first_name and agreements.has_birth_date
                then '; first names and birth dates agree.'
            when agreements.has_first_name then '; first names agree.'
            when agreements.has_birth_date then '; birth dates agree.'
            else '.'
        end as evidence,

        -- measures
        listed_types.match_weight
    from listed_types
    inner join listed_systems
        on listed_types.record_key = listed_systems.record_key
    inner join agreements
        on listed_types.record_key = agreements.record_key
)

select * from final
