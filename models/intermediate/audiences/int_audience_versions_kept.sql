with

kept_rows as (select * from {{ ref('stg_state__audience_versions') }}),

as_of as (select * from {{ ref('int_as_of') }}),

last_builds as (
    select
        kept_rows.as_of_date,
        max(kept_rows.build_id) as build_id
    from kept_rows
    inner join as_of
        on kept_rows.as_of_date < as_of.as_of_date
    group by kept_rows.as_of_date
),

ranked as (
    select
        kept_rows.*,
        row_number() over (
            partition by kept_rows.audience, kept_rows.definition_hash
            order by kept_rows.as_of_date desc nulls last
        ) as version_rank,
        min(kept_rows.as_of_date) over (
            partition by kept_rows.audience, kept_rows.definition_hash
        ) as first_date,
        max(kept_rows.as_of_date) over () as last_published_date
    from kept_rows
    inner join last_builds
        on
            kept_rows.as_of_date = last_builds.as_of_date
            and kept_rows.build_id = last_builds.build_id
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
        holdout_members_count,

        -- flags
        as_of_date = last_published_date as is_last,

        -- dates and timestamps
        first_date,
        as_of_date as last_date
    from ranked
    where version_rank = 1
)

select * from final
