with

kept_rows as (select * from {{ ref('stg_state__audience_changes') }}),

as_of as (select * from {{ ref('int_as_of') }}),

-- What this build finds on the as-of date takes the place of what an earlier one found on it.
last_builds as (
    select
        kept_rows.as_of_date,
        max(kept_rows.build_id) as build_id
    from kept_rows
    inner join as_of
        on kept_rows.as_of_date < as_of.as_of_date
    group by kept_rows.as_of_date
),

final as (
    select
        -- keys
        kept_rows.audience,
        kept_rows.customer_id as customer_id_then,

        -- attributes
        kept_rows.change,
        kept_rows.reason,

        -- flags
        row_number() over (
            partition by kept_rows.audience, kept_rows.customer_id
            order by kept_rows.as_of_date desc nulls last
        ) = 1 as is_last,

        -- dates and timestamps
        kept_rows.as_of_date as changed_date
    from kept_rows
    inner join last_builds
        on
            kept_rows.as_of_date = last_builds.as_of_date
            and kept_rows.build_id = last_builds.build_id
    where kept_rows.audience is not null
)

select * from final
