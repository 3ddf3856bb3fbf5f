with

audiences as (select * from {{ ref('audiences') }}),

matches as (select * from {{ ref('audience_matches') }}),

members as (select * from {{ ref('audience_members') }}),

overlap as (select * from {{ ref('audience_overlap') }}),

profiles as (select * from {{ ref('rpt_audience_profiles') }}),

match_totals as (
    select
        audience,
        count(*) as matches_count,
        count(*) filter (where is_member) as members_count
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

overlap_sizes as (
    select
        audience,
        members_count
    from overlap

    union all

    select
        other_audience as audience,
        other_members_count as members_count
    from overlap

    union all

    select
        audience,
        members_count
    from profiles
),

said as (
    select
        audiences.audience,
        audiences.matches_count,
        audiences.members_count,
        audiences.holdout_members_count,
        coalesce(match_totals.matches_count, 0) as listed_matches_count,
        coalesce(match_totals.members_count, 0) as matching_members_count,
        coalesce(member_totals.members_count, 0) as listed_members_count,
        coalesce(member_totals.holdout_members_count, 0) as listed_holdout_members_count
    from audiences
    left join match_totals
        on audiences.audience = match_totals.audience
    left join member_totals
        on audiences.audience = member_totals.audience
    where audiences.is_current
),

final as (
    select
        audience,
        members_count
    from said
    where
        matches_count <> listed_matches_count
        or members_count <> listed_members_count
        or members_count <> matching_members_count
        or holdout_members_count <> listed_holdout_members_count

    union all

    select
        overlap_sizes.audience,
        overlap_sizes.members_count
    from overlap_sizes
    left join said
        on overlap_sizes.audience = said.audience
    where overlap_sizes.members_count <> coalesce(said.members_count, -1)
)

select * from final
