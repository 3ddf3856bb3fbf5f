with

as_of as (select * from {{ ref('int_as_of') }}),

members as (select * from {{ ref('int_household_members_listed') }}),

household_pairs as (select * from {{ ref('int_household_pairs_judged') }}),

relationships as (select * from {{ ref('int_customer_relationships') }}),

found as (select * from {{ ref('int_relation_pairs_found') }}),

invitations as (select * from {{ ref('int_invitations_ordered') }}),

trees as (select * from {{ ref('int_invitation_trees_grown') }}),

relation_evidence as (select * from {{ ref('relation_evidence') }}),

-- A household has no more customers than a var allows.
household_members as (
    select
        one.customer_id,
        other.customer_id as related_customer_id,
        'household' as relation_kind,
        coalesce(nullif(household_pairs.evidence, ''), through_others.evidence_label) as evidence,
        greatest(coalesce(household_pairs.evidence_sources_count, 1), 1) as evidence_sources_count,
        greatest(
            household_pairs.confidence_pct, through_others.confidence_pct
        ) as confidence_pct,
        coalesce(household_pairs.is_possible_duplicate, false) as is_possible_duplicate,
        household_pairs.since_date
    from members as one
    inner join members as other
        on
            one.household_id = other.household_id
            and one.customer_id < other.customer_id
    inner join relation_evidence as through_others
        on through_others.evidence = 'through_others'
    left join household_pairs
        on
            one.customer_id = household_pairs.customer_id
            and other.customer_id = household_pairs.related_customer_id
),

declared as (
    select
        least(relationships.customer_id, relationships.related_customer_id) as customer_id,
        greatest(relationships.customer_id, relationships.related_customer_id)
            as related_customer_id,
        relationships.relationship_kind as relation_kind,
        relation_evidence.evidence_label
        || coalesce(' (' || relationships.source || ')', '') as evidence,
        relation_evidence.confidence_pct,
        coalesce(
            relationships.since_date, {{ business_date('relationships.created_at') }}
        ) as since_date
    from relationships
    inner join relation_evidence
        on 'declared_' || relationships.relationship_kind = relation_evidence.evidence
    where not relationships.is_same_customer
),

colleagues as (
    select
        found.customer_id,
        found.related_customer_id,
        'colleague' as relation_kind,
        relation_evidence.evidence_label as evidence,
        relation_evidence.confidence_pct,
        {{ business_date('found.since_at') }} as since_date
    from found
    inner join relation_evidence
        on relation_evidence.evidence = 'one_organisation'
    where found.relation_key = 'organisation'
),

noted as (
    select
        customer_id,
        related_customer_id,
        relation_kind,
        evidence,
        confidence_pct,
        since_date
    from declared

    union all

    select
        customer_id,
        related_customer_id,
        relation_kind,
        evidence,
        confidence_pct,
        since_date
    from colleagues
),

mutual as (
    select
        customer_id,
        related_customer_id,
        relation_kind,
        evidence,
        evidence_sources_count,
        confidence_pct,
        is_possible_duplicate,
        since_date
    from household_members

    union all

    select
        customer_id,
        related_customer_id,
        relation_kind,
        {{ text_list('evidence') }} as evidence,
        count(distinct evidence) as evidence_sources_count,
        max(confidence_pct) as confidence_pct,
        false as is_possible_duplicate,
        min(since_date) as since_date
    from noted
    group by customer_id, related_customer_id, relation_kind
),

invited as (
    select
        invitations.customer_id,
        invitations.inviter_customer_id,
        relation_evidence.evidence_label,
        relation_evidence.confidence_pct,
        trees.is_cycle_cut,
        {{ business_date('invitations.invited_at') }} as since_date
    from invitations
    inner join trees
        on invitations.customer_id = trees.node_key
    inner join relation_evidence
        on relation_evidence.evidence = 'invitation'
    where invitations.inviter_customer_id is not null
),

-- Each relation stands on both sides.
both_sides as (
    select
        customer_id,
        related_customer_id,
        relation_kind,
        evidence,
        evidence_sources_count,
        confidence_pct,
        is_possible_duplicate,
        false as is_cycle_cut,
        since_date
    from mutual

    union all

    select
        related_customer_id as customer_id,
        customer_id as related_customer_id,
        relation_kind,
        evidence,
        evidence_sources_count,
        confidence_pct,
        is_possible_duplicate,
        false as is_cycle_cut,
        since_date
    from mutual

    union all

    select
        customer_id,
        inviter_customer_id as related_customer_id,
        'inviter' as relation_kind,
        evidence_label as evidence,
        1 as evidence_sources_count,
        confidence_pct,
        false as is_possible_duplicate,
        is_cycle_cut,
        since_date
    from invited

    union all

    select
        inviter_customer_id as customer_id,
        customer_id as related_customer_id,
        'invited' as relation_kind,
        evidence_label as evidence,
        1 as evidence_sources_count,
        confidence_pct,
        false as is_possible_duplicate,
        is_cycle_cut,
        since_date
    from invited
),

final as (
    select
        -- keys
        both_sides.customer_id,
        both_sides.related_customer_id,
        both_sides.relation_kind,
        as_of.as_of_date,

        -- attributes
        both_sides.evidence,

        -- measures
        cast(both_sides.evidence_sources_count as bigint) as evidence_sources_count,
        cast(both_sides.confidence_pct as decimal(5, 2)) as confidence_pct,

        -- flags
        both_sides.is_possible_duplicate,
        both_sides.is_cycle_cut,

        -- dates and timestamps
        both_sides.since_date
    from both_sides
    cross join as_of
)

select * from final
