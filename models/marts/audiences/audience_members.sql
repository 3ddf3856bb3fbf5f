with

matches as (select * from {{ ref('audience_matches') }}),

definitions as (select * from {{ ref('int_audiences_defined') }}),

kept_changes as (select * from {{ ref('int_audience_changes_kept') }}),

aliases as (select * from {{ ref('customer_id_aliases') }}),

as_of as (select * from {{ ref('int_as_of') }}),

-- Whoever was in it when the last day before this one was published. Two customers may have become
-- one since: then the earlier entry counts.
earlier as (
    select
        kept_changes.audience,
        aliases.customer_id,
        min(kept_changes.changed_date) as member_since_date
    from kept_changes
    inner join aliases
        on kept_changes.customer_id_then = aliases.alias_customer_id
    where
        kept_changes.is_last
        and kept_changes.change = 'entered'
    group by kept_changes.audience, aliases.customer_id
),

-- A number from 0 to 9,999 that is the customer's own in this audience, whatever else changes.
placed as (
    select
        matches.audience,
        matches.customer_id,
        definitions.holdout_pct,
        {{ hash_key("definitions.hash_salt || ':' || matches.customer_id") }} % 10000 as place
    from matches
    inner join definitions
        on matches.audience = definitions.audience
    where matches.is_member
),

final as (
    select
        -- keys
        placed.audience,
        placed.customer_id,

        -- attributes
        case when placed.place < 100 * placed.holdout_pct then 'holdout' else 'treated' end as arm,

        -- dates and timestamps
        coalesce(earlier.member_since_date, as_of.as_of_date) as member_since_date
    from placed
    cross join as_of
    left join earlier
        on
            placed.audience = earlier.audience
            and placed.customer_id = earlier.customer_id
)

select * from final
