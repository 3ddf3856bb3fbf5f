{% set names = ['first_name', 'han_name', 'han_family_name', 'birth_date', 'personal_number'] %}
{% set described_columns = [
    'first_name', 'first_name_root', 'first_name_other_root', 'first_name_spelling', 'is_given_name', 'middle_name',
    'last_name', 'han_name', 'han_given_name', 'han_family_name', 'birth_date',
    'single_number_1', 'single_number_2', 'single_number_3'
] %}
{% set comparisons = match_comparisons() | selectattr('name', 'in', names) | list %}
with

strong_components as (select * from {{ ref('int_records_joined_strongly') }}),

first_components as (select * from {{ ref('int_records_joined_at_first') }}),

match_edges as (select * from {{ ref('int_match_edges') }}),

scored_pairs as (select * from {{ ref('int_match_pairs_explained') }}),

model as (select * from {{ ref('int_match_model') }}),

priors as (select * from {{ ref('int_match_prior') }}),

names as (select * from {{ ref('int_match_names') }}),

-- Records that strong identifiers join are one person, whatever names and birth dates they have.
members as (
    select
        first_components.node_key as record_key,
        first_components.component_key,
        coalesce(strong_components.component_key, first_components.node_key) as core_key
    from first_components
    left join strong_components
        on first_components.node_key = strong_components.node_key
),

described as (
    select
        members.record_key,
        members.component_key,
        members.core_key,
        {% for column in described_columns %}
            names.{{ column }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from members
    inner join names
        on members.record_key = names.record_key
),

component_totals as (
    select
        component_key,
        count(distinct record_key) as records_count,
        count(distinct core_key) as core_count,
        count(distinct coalesce(first_name, han_given_name)) as first_names_count,
        count(distinct birth_date) as birth_date_count,
        greatest(
            count(distinct single_number_1),
            count(distinct single_number_2),
            count(distinct single_number_3)
        ) as numbers_count
    from described
    group by component_key
),

-- Records are compared only if there is something to compare, and only in components of limited
-- size: the number of pairs grows with the square of it.
doubtful_members as (
    select
        described.component_key,
        described.core_key,
        {% for column in described_columns %}
            described.{{ column }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from described
    inner join component_totals
        on described.component_key = component_totals.component_key
    where
        component_totals.core_count > 1
        and component_totals.records_count <= {{ var('identity_component_max_records') }}
        and greatest(
            component_totals.first_names_count,
            component_totals.birth_date_count,
            component_totals.numbers_count
        ) > 1
),

compared as (
    select
        {% for comparison in comparisons %}
            {{ reached_match_level(comparison) }} as {{ comparison.name }}_level,
        {% endfor %}
        one.core_key,
        other.core_key as other_core_key
    from doubtful_members as one
    inner join doubtful_members as other
        on
            one.component_key = other.component_key
            and one.core_key < other.core_key
),

-- The closest level that any two of their records reach.
nearest as (
    select
        core_key,
        other_core_key,
        max(first_name_level) as first_name_level,
        max(han_name_level) as han_name_level,
        max(han_family_name_level) as han_family_name_level,
        max(birth_date_level) as birth_date_level,
        max(personal_number_level) as personal_number_level
    from compared
    group by core_key, other_core_key
),

-- Two people conflict if both have first names, or both have birth dates, or numbers of which one
-- person has only one, and no two of these fit.
-- Where households are rare among the records, only two names that both exist are no errors.
opposed as (
    select
        nearest.core_key,
        nearest.other_core_key,
        {{ is_at_level('nearest', 'first_name', ['two_names', 'other_name']) }}
        or {{ is_at_level('nearest', 'han_name', 'different') }} as has_two_names
    from nearest
    where
        (
            {{ has_other_name('nearest') }}
            and not {{ is_closer_than_level('nearest', 'first_name', 'two_names') }}
            and not {{ is_closer_than_level('nearest', 'han_name', 'different') }}
            and not {{ is_closer_than_level('nearest', 'han_family_name', 'different') }}
        )
        or {{ has_other_birth_date('nearest') }}
        or {{ is_at_level('nearest', 'personal_number', 'different') }}
),

-- Pairs that the score joins by more than what a household shares are one person, even if a typing
-- error looks like a conflict.
fitting as (
    select
        least(members.core_key, others.core_key) as core_key,
        greatest(members.core_key, others.core_key) as other_core_key
    from match_edges
    inner join members
        on match_edges.record_key = members.record_key
    inner join members as others
        on match_edges.other_record_key = others.record_key
    where match_edges.has_personal_evidence
    group by
        least(members.core_key, others.core_key),
        greatest(members.core_key, others.core_key)
),

-- A record whose name and birth date fit two others shows that these hold errors: no record of a
-- family is within a slip of two of its members.
fitting_ends as (
    select
        record_key as middle_key,
        other_record_key as end_key
    from scored_pairs
    where is_fully_compared and has_personal_evidence

    union all

    select
        other_record_key as middle_key,
        record_key as end_key
    from scored_pairs
    where is_fully_compared and has_personal_evidence
),

opposed_members as (
    select
        opposed.core_key,
        opposed.other_core_key,
        members.record_key
    from opposed
    inner join members
        on opposed.core_key = members.core_key
),

fitting_a_third as (
    select
        opposed_members.core_key,
        opposed_members.other_core_key
    from opposed_members
    inner join fitting_ends
        on opposed_members.record_key = fitting_ends.end_key
    inner join fitting_ends as other_ends
        on fitting_ends.middle_key = other_ends.middle_key
    inner join members as others
        on
            other_ends.end_key = others.record_key
            and opposed_members.other_core_key = others.core_key
    group by opposed_members.core_key, opposed_members.other_core_key
),

final as (
    select
        -- keys
        opposed.core_key as record_key,
        opposed.other_core_key as other_record_key
    from opposed
    left join fitting
        on
            opposed.core_key = fitting.core_key
            and opposed.other_core_key = fitting.other_core_key
    left join fitting_a_third
        on
            opposed.core_key = fitting_a_third.core_key
            and opposed.other_core_key = fitting_a_third.other_core_key
    cross join priors
    cross join model
    where
        (priors.household_prior_weight < model.rare_household_bits or opposed.has_two_names)
        and fitting.core_key is null
        and fitting_a_third.core_key is null
)

select * from final
