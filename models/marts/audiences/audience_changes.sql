with

kept_changes as (select * from {{ ref('int_audience_changes_kept') }}),

kept_versions as (select * from {{ ref('int_audience_versions_kept') }}),

members as (select * from {{ ref('audience_members') }}),

matches as (select * from {{ ref('audience_matches') }}),

definitions as (select * from {{ ref('int_audiences_defined') }}),

aliases as (select * from {{ ref('customer_id_aliases') }}),

as_of as (select * from {{ ref('int_as_of') }}),

-- An erased customer, of whom no record is delivered any more, has no history.
known_changes as (
    select
        kept_changes.audience,
        kept_changes.customer_id_then,
        aliases.customer_id,
        kept_changes.change,
        kept_changes.reason,
        kept_changes.changed_date,
        kept_changes.is_last
    from kept_changes
    inner join aliases
        on kept_changes.customer_id_then = aliases.alias_customer_id
),

-- Who was in it, under the ids of then.
earlier_members as (
    select
        audience,
        customer_id_then,
        customer_id
    from known_changes
    where
        is_last
        and change = 'entered'
),

earlier_customers as (
    select
        audience,
        customer_id
    from earlier_members
    group by audience, customer_id
),

last_versions as (
    select
        audience,
        max(definition_hash) as definition_hash
    from kept_versions
    where is_last
    group by audience
),

entered as (
    select
        members.audience,
        members.customer_id as customer_id_then,
        members.customer_id,
        'entered' as change,
        case
            when last_versions.audience is null then 'new audience'
            when last_versions.definition_hash <> definitions.definition_hash then 'new definition'
            else 'customer'
        end as reason
    from members
    inner join definitions
        on members.audience = definitions.audience
    left join last_versions
        on members.audience = last_versions.audience
    left join earlier_customers
        on
            members.audience = earlier_customers.audience
            and members.customer_id = earlier_customers.customer_id
    where earlier_customers.customer_id is null
),

departed as (
    select
        earlier_members.audience,
        earlier_members.customer_id_then,
        earlier_members.customer_id,
        'left' as change,
        case
            when definitions.audience is null then 'audience ended'
            when matches.customer_id is not null then 'other audience'
            when last_versions.definition_hash <> definitions.definition_hash then 'new definition'
            else 'customer'
        end as reason
    from earlier_members
    left join members
        on
            earlier_members.audience = members.audience
            and earlier_members.customer_id = members.customer_id
    left join matches
        on
            earlier_members.audience = matches.audience
            and earlier_members.customer_id = matches.customer_id
    left join definitions
        on earlier_members.audience = definitions.audience
    left join last_versions
        on earlier_members.audience = last_versions.audience
    where members.customer_id is null
),

todays_changes as (
    select
        audience,
        customer_id_then,
        customer_id,
        change,
        reason
    from entered

    union all

    select
        audience,
        customer_id_then,
        customer_id,
        change,
        reason
    from departed
),

changes as (
    select
        audience,
        customer_id_then,
        customer_id,
        change,
        reason,
        changed_date
    from known_changes

    union all

    select
        todays_changes.audience,
        todays_changes.customer_id_then,
        todays_changes.customer_id,
        todays_changes.change,
        todays_changes.reason,
        as_of.as_of_date as changed_date
    from todays_changes
    cross join as_of
),

final as (
    select
        -- keys
        audience,
        customer_id_then,
        customer_id,

        -- attributes
        change,
        reason,

        -- dates and timestamps
        changed_date
    from changes
)

select * from final
