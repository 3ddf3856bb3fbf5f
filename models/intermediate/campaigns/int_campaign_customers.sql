with

contacts as (select * from {{ ref('int_campaign_contacts_seen') }}),

answered as (select * from {{ ref('int_campaign_contacts_answered') }}),

history as (select * from {{ ref('int_segment_months_listed') }}),

-- The window of a person starts with the first contact, so that two contacts are no longer window.
firsts as (
    select *
    from contacts
    where contact_rank = 1
),

final as (
    select
        -- keys
        firsts.campaign_id,
        firsts.customer_id,

        -- attributes
        firsts.arm,
        firsts.campaign_channel,
        answered.purchase_state,
        coalesce(history.rfm_segment, 'not_known') as rfm_segment,

        -- measures
        firsts.contacts_prior_30d_count,
        answered.paid_orders_count,
        answered.orders_without_amount_count,
        answered.realised_amount,

        -- flags
        firsts.is_holdout,
        firsts.is_in_several_arms,
        firsts.is_window_over,

        -- dates and timestamps
        firsts.assigned_date
    from firsts
    inner join answered
        on firsts.campaign_contact_id = answered.campaign_contact_id
    left join history
        on
            firsts.customer_id = history.customer_id_then
            and history.month_end_date
            = {{ add_days("cast(date_trunc('month', firsts.assigned_date) as date)", -1) }}
)

select * from final
