with

contacts as (select * from {{ ref('stg_crm__campaign_contacts') }}),

facts as (select * from {{ ref('fct_campaign_contacts') }}),

as_of as (select * from {{ ref('int_as_of') }}),

final as (
    select
        coalesce(contacts.campaign_contact_id, facts.campaign_contact_id) as campaign_contact_id,
        contacts.assigned_date,
        facts.campaign_contact_id is not null as is_fact
    from contacts
    cross join as_of
    full outer join facts
        on contacts.campaign_contact_id = facts.campaign_contact_id
    where
        contacts.campaign_contact_id is null
        or (contacts.assigned_date <= as_of.as_of_date) <> (facts.campaign_contact_id is not null)
)

select * from final
