with

contacts as (select * from {{ ref('int_campaign_contacts_seen') }}),

answered as (select * from {{ ref('int_campaign_contacts_answered') }}),

final as (
    select
        -- keys
        contacts.campaign_contact_id,
        contacts.campaign_id,
        contacts.customer_id,
        contacts.record_id,

        -- attributes
        contacts.arm,
        contacts.campaign_channel,
        contacts.contact_status,
        contacts.failure_word,
        answered.purchase_state,

        -- measures
        cast(contacts.contacts_prior_30d_count as bigint) as contacts_prior_30d_count,
        cast(answered.paid_orders_count as bigint) as paid_orders_count,
        cast(answered.orders_without_amount_count as bigint) as orders_without_amount_count,
        answered.realised_amount,

        -- flags
        contacts.is_holdout,
        contacts.is_sent,
        contacts.is_delivered,
        contacts.is_opened,
        contacts.is_clicked,
        contacts.is_unsubscribed,
        coalesce(contacts.contact_rank = 1, false) as is_first_of_customer,
        contacts.is_in_several_arms,
        contacts.is_window_over,

        -- dates and timestamps
        contacts.assigned_at,
        contacts.assigned_date,
        contacts.window_end_date,
        contacts.sent_at,
        contacts.delivered_at,
        contacts.bounced_at,
        contacts.opened_at,
        contacts.clicked_at,
        contacts.unsubscribed_at
    from contacts
    inner join answered
        on contacts.campaign_contact_id = answered.campaign_contact_id
)

select * from final
