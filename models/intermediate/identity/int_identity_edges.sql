with

edges as (select * from {{ ref('int_identity_edges_proposed') }}),

components as (select * from {{ ref('int_records_joined') }}),

identity_rules as (select * from {{ ref('int_identity_rules_resolved') }}),

located as (
    select
        edges.record_key,
        edges.other_record_key,
        edges.identifier_key,
        edges.identifier_type,
        edges.strength,
        edges.first_name_level,
        edges.birth_date_level,
        edges.noun,
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

-- Components that a rule keeps apart: of several rules the earliest.
kept_apart as (
    select
        least(components.component_key, other_components.component_key) as low_key,
        greatest(components.component_key, other_components.component_key) as high_key,
        identity_rules.record_key,
        identity_rules.other_record_key,
        row_number() over (
            partition by
                least(components.component_key, other_components.component_key),
                greatest(components.component_key, other_components.component_key)
            order by
                identity_rules.decided_on asc nulls last,
                identity_rules.record_key asc nulls last,
                identity_rules.other_record_key asc nulls last
        ) as rule_rank
    from identity_rules
    inner join components
        on identity_rules.record_key = components.node_key
    inner join components as other_components
        on identity_rules.other_record_key = other_components.node_key
    where identity_rules.rule = 'never'
),

final as (
    select
        -- keys
        located.record_key,
        located.other_record_key,
        located.identifier_key,
        kept_apart.record_key as never_record_key,
        kept_apart.other_record_key as never_other_record_key,

        -- attributes
        located.identifier_type,
        located.strength,
        located.first_name_level,
        located.birth_date_level,
        located.noun,

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
            and kept_apart.rule_rank = 1
)

select * from final
