with

members as (select * from {{ ref('audience_members') }}),

changes as (select * from {{ ref('audience_changes') }}),

ranked as (
    select
        audience,
        customer_id_then,
        customer_id,
        change,
        changed_date,
        row_number() over (
            partition by audience, customer_id_then
            order by changed_date desc nulls last
        ) as change_rank
    from changes
),

present as (
    select
        audience,
        customer_id,
        min(changed_date) as changed_date
    from ranked
    where
        change_rank = 1
        and change = 'entered'
    group by audience, customer_id
),

final as (
    select
        coalesce(members.audience, present.audience) as audience,
        coalesce(members.customer_id, present.customer_id) as customer_id,
        members.member_since_date,
        present.changed_date
    from members
    full join present
        on
            members.audience = present.audience
            and members.customer_id = present.customer_id
    where
        members.customer_id is null
        or present.customer_id is null
        or members.member_since_date <> present.changed_date
)

select * from final
