with

definitions as (select * from {{ ref('int_audiences_defined') }}),

matches as (select * from {{ ref('audience_matches') }}),

members as (select * from {{ ref('audience_members') }}),

kept_versions as (select * from {{ ref('int_audience_versions_kept') }}),

as_of as (select * from {{ ref('int_as_of') }}),

match_totals as (
    select
        audience,
        count(*) as matches_count
    from matches
    group by audience
),

member_totals as (
    select
        audience,
        count(*) as members_count,
        count(*) filter (where arm = 'holdout') as holdout_members_count
    from members
    group by audience
),

current_versions as (
    select
        definitions.audience,
        definitions.definition_hash,
        definitions.title,
        definitions.description,
        definitions.owner,
        definitions.exclusive_group,
        definitions.definition,
        definitions.priority,
        definitions.holdout_pct,
        coalesce(match_totals.matches_count, 0) as matches_count,
        coalesce(member_totals.members_count, 0) as members_count,
        coalesce(member_totals.holdout_members_count, 0) as holdout_members_count,
        true as is_current,
        coalesce(kept_versions.first_date, as_of.as_of_date) as first_date,
        as_of.as_of_date as last_date
    from definitions
    cross join as_of
    left join kept_versions
        on
            definitions.audience = kept_versions.audience
            and definitions.definition_hash = kept_versions.definition_hash
    left join match_totals
        on definitions.audience = match_totals.audience
    left join member_totals
        on definitions.audience = member_totals.audience
),

earlier_versions as (
    select
        kept_versions.audience,
        kept_versions.definition_hash,
        kept_versions.title,
        kept_versions.description,
        kept_versions.owner,
        kept_versions.exclusive_group,
        kept_versions.definition,
        kept_versions.priority,
        kept_versions.holdout_pct,
        kept_versions.matches_count,
        kept_versions.members_count,
        kept_versions.holdout_members_count,
        false as is_current,
        kept_versions.first_date,
        kept_versions.last_date
    from kept_versions
    left join definitions
        on
            kept_versions.audience = definitions.audience
            and kept_versions.definition_hash = definitions.definition_hash
    where definitions.audience is null
),

versions as (
    select
        audience,
        definition_hash,
        title,
        description,
        owner,
        exclusive_group,
        definition,
        priority,
        holdout_pct,
        matches_count,
        members_count,
        holdout_members_count,
        is_current,
        first_date,
        last_date
    from current_versions

    union all

    select
        audience,
        definition_hash,
        title,
        description,
        owner,
        exclusive_group,
        definition,
        priority,
        holdout_pct,
        matches_count,
        members_count,
        holdout_members_count,
        is_current,
        first_date,
        last_date
    from earlier_versions
),

final as (
    select
        -- keys
        audience,
        definition_hash,

        -- attributes
        title,
        description,
        owner,
        exclusive_group,
        definition,

        -- measures
        priority,
        holdout_pct,
        matches_count,
        members_count,
        members_count - holdout_members_count as treated_members_count,
        holdout_members_count,

        -- flags
        is_current,

        -- dates and timestamps
        first_date,
        last_date
    from versions
)

select * from final
