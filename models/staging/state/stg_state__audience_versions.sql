with

audience_versions as (select * from {{ source('state', 'audience_versions') }}),

final as (
    select
        -- keys
        build_id,
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

        -- dates and timestamps
        as_of_date,
        published_at
    from audience_versions
)

select * from final
