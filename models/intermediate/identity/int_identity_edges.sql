with

edges as (select * from {{ ref('int_identity_edges_proposed') }}),

components as (select * from {{ ref('int_records_joined') }}),

identity_rules as (select * from {{ ref('int_identity_rules_resolved') }}),

conflicts as (select * from {{ ref('int_identity_conflicts') }}),

tied as (select * from {{ ref('int_identity_edges_tied') }}),

located as (
    select
        edges.record_key,
        edges.other_record_key,
        edges.identifier_key,
        edges.identifier_type,
        edges.strength,
        edges.first_name_level,
        edges.birth_date_level,
        edges.identifier_label,
        edges.priority,
        edges.match_weight,
        components.component_key,
        other_components.component_key as other_component_key
    from edges
    inner join components
        on edges.record_key = components.node_key
    inner join components as other_components
        on edges.other_record_key = other_components.node_key
),

pairs_apart as (
    select
        record_key,
        other_record_key,
        'never_rule' as refusal,
        decided_on
    from identity_rules
    where rule = 'never'

    union all

    select
        record_key,
        other_record_key,
        'two_people' as refusal,
        cast(null as date) as decided_on
    from conflicts
),

-- Components that a pair keeps apart. If several pairs do, rules come before conflicts, and the
-- earliest rule comes first.
kept_apart as (
    select
        least(components.component_key, other_components.component_key) as low_key,
        greatest(components.component_key, other_components.component_key) as high_key,
        pairs_apart.record_key,
        pairs_apart.other_record_key,
        pairs_apart.refusal,
        row_number() over (
            partition by
                least(components.component_key, other_components.component_key),
                greatest(components.component_key, other_components.component_key)
            order by
                pairs_apart.refusal asc nulls last,
                pairs_apart.decided_on asc nulls last,
                pairs_apart.record_key asc nulls last,
                pairs_apart.other_record_key asc nulls last
        ) as apart_rank
    from pairs_apart
    inner join components
        on pairs_apart.record_key = components.node_key
    inner join components as other_components
        on pairs_apart.other_record_key = other_components.node_key
),

final as (
    select
        -- keys
        located.record_key,
        located.other_record_key,
        located.identifier_key,
        case
            when located.component_key <> located.other_component_key
                then coalesce(kept_apart.record_key, tied.apart_record_key)
        end as apart_record_key,
        case
            when located.component_key <> located.other_component_key
                then coalesce(kept_apart.other_record_key, tied.apart_other_record_key)
        end as apart_other_record_key,

        -- attributes
        located.identifier_type,
        located.strength,
        located.first_name_level,
        located.birth_date_level,
        located.identifier_label,
        case
            when located.component_key <> located.other_component_key
                then coalesce(kept_apart.refusal, 'two_people')
        end as refusal,

        -- measures
        located.priority,
        located.match_weight,

        -- flags
        located.component_key <> located.other_component_key as is_refused
    from located
    left join kept_apart
        on
            least(located.component_key, located.other_component_key) = kept_apart.low_key
            and greatest(located.component_key, located.other_component_key) = kept_apart.high_key
            and kept_apart.apart_rank = 1
    left join tied
        on
            located.record_key = tied.record_key
            and located.other_record_key = tied.other_record_key
)

select * from final
