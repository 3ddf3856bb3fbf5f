with

definitions as (select * from {{ ref('int_audiences_defined') }}),

members as (select * from {{ ref('audience_members') }}),

sizes as (
    select
        definitions.audience,
        count(members.customer_id) as members_count
    from definitions
    left join members
        on definitions.audience = members.audience
    group by definitions.audience
),

-- A row per customer and pair of audiences that the customer is in.
shared as (
    select
        members.audience,
        other_members.audience as other_audience,
        count(*) as shared_members_count
    from members
    inner join members as other_members
        on
            members.customer_id = other_members.customer_id
            and members.audience < other_members.audience
    group by members.audience, other_members.audience
),

pairs as (
    select
        sizes.audience,
        other_sizes.audience as other_audience,
        sizes.members_count,
        other_sizes.members_count as other_members_count,
        coalesce(shared.shared_members_count, 0) as shared_members_count
    from sizes
    inner join sizes as other_sizes
        on sizes.audience < other_sizes.audience
    left join shared
        on
            sizes.audience = shared.audience
            and other_sizes.audience = shared.other_audience
),

final as (
    select
        -- keys
        audience,
        other_audience,

        -- measures
        members_count,
        other_members_count,
        shared_members_count,
        {{ divide('100 * shared_members_count', 'members_count') }} as both_pct,
        {{ divide('100 * shared_members_count', 'other_members_count') }} as other_both_pct,
        {{ divide(
            'shared_members_count', 'members_count + other_members_count - shared_members_count'
        ) }} as jaccard
    from pairs
)

select * from final
