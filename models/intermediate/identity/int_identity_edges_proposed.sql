with

pairs as (select * from {{ ref('int_identifier_pairs_compared') }}),

match_edges as (select * from {{ ref('int_match_edges') }}),

strong_components as (select * from {{ ref('int_records_joined_strongly') }}),

first_components as (select * from {{ ref('int_records_joined_at_first') }}),

record_attributes as (select * from {{ ref('int_record_attributes_unioned') }}),

identifier_types as (select * from {{ ref('identifier_types') }}),

identity_rules as (select * from {{ ref('int_identity_rules_resolved') }}),

-- What strong identifiers join is one person, whatever its records say.
members as (
    select
        first_components.node_key as record_key,
        first_components.component_key,
        coalesce(strong_components.component_key, first_components.node_key) as core_key,
        record_attributes.folded_full_name,
        record_attributes.folded_first_name,
        record_attributes.folded_last_name,
        record_attributes.birth_date
    from first_components
    left join strong_components
        on first_components.node_key = strong_components.node_key
    left join record_attributes
        on first_components.node_key = record_attributes.record_key
),

component_totals as (
    select
        component_key,
        count(*) as record_count,
        count(distinct folded_first_name) as first_name_count,
        count(distinct birth_date) as birth_date_count
    from members
    group by component_key
    having count(distinct core_key) > 1
),

-- Only where there is something to compare, and never the square of a component of any size.
doubtful_members as (
    select
        members.component_key,
        members.core_key,
        members.folded_full_name,
        members.folded_first_name,
        members.folded_last_name,
        members.birth_date
    from members
    inner join component_totals
        on members.component_key = component_totals.component_key
    where
        component_totals.record_count <= {{ var('identity_component_max_records') }}
        and (component_totals.first_name_count > 1 or component_totals.birth_date_count > 1)
),

compared as (
    select
        members.component_key,
        members.core_key,
        others.core_key as other_core_key,
        {{ first_name_level(
            'members.folded_full_name', 'members.folded_first_name', 'members.folded_last_name',
            'others.folded_full_name', 'others.folded_first_name', 'others.folded_last_name'
        ) }} as first_name_level,
        case
            when members.birth_date = others.birth_date then 'equal'
            when members.birth_date <> others.birth_date then 'different'
            else 'unknown'
        end as birth_date_level
    from doubtful_members as members
    inner join doubtful_members as others
        on
            members.component_key = others.component_key
            and members.core_key < others.core_key
),

-- Two people conflict where both say a first name, or a birthday, and no two of them fit.
opposed as (
    select
        component_key,
        core_key,
        other_core_key
    from compared
    group by component_key, core_key, other_core_key
    having
        (
            max(case when first_name_level = 'different' then 1 else 0 end) = 1
            and max(case when first_name_level in ('different', 'unknown') then 0 else 1 end) = 0
        )
        or (
            max(case when birth_date_level = 'different' then 1 else 0 end) = 1
            and max(case when birth_date_level = 'equal' then 1 else 0 end) = 0
        )
),

-- What the score joins by more than a household's number or address fits, whatever a slip looks
-- like.
fitting as (
    select
        match_edges.record_key,
        match_edges.other_record_key,
        members.component_key,
        least(members.core_key, others.core_key) as core_key,
        greatest(members.core_key, others.core_key) as other_core_key
    from match_edges
    inner join members
        on match_edges.record_key = members.record_key
    inner join members as others
        on match_edges.other_record_key = others.record_key
    where match_edges.has_personal_evidence
),

taken_apart as (
    select opposed.component_key
    from opposed
    left join fitting
        on
            opposed.component_key = fitting.component_key
            and opposed.core_key = fitting.core_key
            and opposed.other_core_key = fitting.other_core_key
    where fitting.component_key is null
    group by opposed.component_key

    union

    select component_key
    from component_totals
    where record_count > {{ var('identity_component_max_records') }}
),

joining as (
    select
        record_key,
        other_record_key,
        identifier_key,
        identifier_type,
        strength,
        first_name_level,
        birth_date_level,
        priority,
        cast(null as double) as match_weight,
        agrees_fully
    from pairs
    where verdict = 'joins'

    union all

    select
        record_key,
        other_record_key,
        cast(null as bigint) as identifier_key,
        identifier_type,
        strength,
        first_name_level,
        birth_date_level,
        priority,
        match_weight,
        agrees_fully
    from match_edges
),

weighed as (
    select
        joining.record_key,
        joining.other_record_key,
        joining.identifier_key,
        joining.identifier_type,
        joining.strength,
        joining.first_name_level,
        joining.birth_date_level,
        joining.priority,
        coalesce(joining.match_weight, identifier_types.match_weight) as match_weight,
        identifier_types.noun
    from joining
    inner join first_components
        on joining.record_key = first_components.node_key
    left join taken_apart
        on first_components.component_key = taken_apart.component_key
    left join identifier_types
        on joining.identifier_type = identifier_types.identifier_type
    where
        taken_apart.component_key is null
        or joining.strength = 'strong'
        or joining.agrees_fully
),

-- What a steward says is not weighed, and goes before all that is.
ruled as (
    select
        record_key,
        other_record_key,
        cast(null as bigint) as identifier_key,
        'steward' as identifier_type,
        'rule' as strength,
        cast(null as string) as first_name_level,
        cast(null as string) as birth_date_level,
        0 as priority,
        cast(null as double) as match_weight,
        'a rule of the stewards' as noun
    from identity_rules
    where
        rule = 'always'
        and has_both_records
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
        priority,
        match_weight,
        noun
    from weighed

    union all

    select
        record_key,
        other_record_key,
        identifier_key,
        identifier_type,
        strength,
        first_name_level,
        birth_date_level,
        priority,
        match_weight,
        noun
    from ruled
),

final as (
    select
        -- keys
        record_key,
        other_record_key,
        identifier_key,

        -- attributes
        identifier_type,
        strength,
        first_name_level,
        birth_date_level,
        noun,

        -- measures
        priority,
        match_weight
    from unioned
)

select * from final
