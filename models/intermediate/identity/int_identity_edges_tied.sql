with

edges as (select * from {{ ref('int_identity_edges_proposed') }}),

conflicts as (select * from {{ ref('int_identity_conflicts') }}),

strong_components as (select * from {{ ref('int_records_joined_strongly') }}),

-- First name and birth date together say who it is.
doubtful_edges as (
    select
        record_key,
        other_record_key,
        priority
    from edges
    where
        strength = 'medium'
        and not coalesce(
            first_name_level in ('equal', 'swapped') and birth_date_level = 'equal', false
        )
),

-- Records that strong identifiers join are one person.
edges_of_people as (
    select
        edges.record_key,
        edges.other_record_key,
        coalesce(strong_components.component_key, edges.record_key) as core_key,
        coalesce(other_components.component_key, edges.other_record_key) as other_core_key,
        edges.priority
    from doubtful_edges as edges
    left join strong_components
        on edges.record_key = strong_components.node_key
    left join strong_components as other_components
        on edges.other_record_key = other_components.node_key
),

ends as (
    select
        record_key,
        other_record_key,
        core_key,
        other_core_key as end_key,
        priority
    from edges_of_people

    union all

    select
        record_key,
        other_record_key,
        other_core_key as core_key,
        core_key as end_key,
        priority
    from edges_of_people
),

-- The best value that leads one person to the other.
ranked_ends as (
    select
        *,
        min(priority) over (partition by core_key, end_key) as best_priority
    from ends
),

opposed as (
    select
        record_key as one_key,
        other_record_key as other_key
    from conflicts

    union all

    select
        other_record_key as one_key,
        record_key as other_key
    from conflicts
),

tied as (
    select
        one.record_key,
        one.other_record_key,
        least(opposed.one_key, opposed.other_key) as apart_record_key,
        greatest(opposed.one_key, opposed.other_key) as apart_other_record_key
    from ranked_ends as one
    inner join opposed
        on one.end_key = opposed.one_key
    inner join ranked_ends as other
        on
            one.core_key = other.core_key
            and opposed.other_key = other.end_key
            and one.best_priority = other.best_priority
),

numbered as (
    select
        *,
        row_number() over (
            partition by record_key, other_record_key
            order by apart_record_key asc nulls last, apart_other_record_key asc nulls last
        ) as pair_number
    from tied
),

final as (
    select
        -- keys
        record_key,
        other_record_key,
        apart_record_key,
        apart_other_record_key
    from numbered
    where pair_number = 1
)

select * from final
