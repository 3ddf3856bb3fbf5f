with

contacts as (select * from {{ ref('int_campaign_contacts_seen') }}),

answered as (select * from {{ ref('int_campaign_contacts_answered') }}),

-- Whoever was chosen and not reached had nothing to be tired of.
reached as (
    select
        coalesce(contacts.campaign_channel, 'not_told') as campaign_channel,
        least(contacts.contacts_prior_30d_count, 5) as contacts_prior_30d_count,
        contacts.is_delivered,
        contacts.is_opened,
        contacts.is_clicked,
        contacts.is_unsubscribed,
        contacts.customer_id,
        answered.paid_orders_count,
        answered.orders_without_amount_count,
        answered.realised_amount
    from contacts
    inner join answered
        on contacts.campaign_contact_id = answered.campaign_contact_id
    where
        contacts.is_sent
        and not contacts.is_holdout
        and contacts.is_window_over
        and contacts.customer_id is not null
),

counted as (
    select
        campaign_channel,
        contacts_prior_30d_count,
        count(*) as contacts_count,
        count(distinct customer_id) as customers_count,
        count(*) filter (where is_delivered) as delivered_contacts_count,
        count(*) filter (where is_opened) as opened_contacts_count,
        count(*) filter (where is_clicked) as clicked_contacts_count,
        count(*) filter (where is_unsubscribed) as unsubscribed_contacts_count,
        count(*) filter (where paid_orders_count > 0) as responses_count,
        sum(orders_without_amount_count) as orders_without_amount_count,
        sum(realised_amount) as realised_amount
    from reached
    group by campaign_channel, contacts_prior_30d_count
),

final as (
    select
        -- keys
        campaign_channel,
        cast(contacts_prior_30d_count as bigint) as contacts_prior_30d_count,

        -- measures
        cast(contacts_count as bigint) as contacts_count,
        cast(customers_count as bigint) as customers_count,
        cast(delivered_contacts_count as bigint) as delivered_contacts_count,
        cast(opened_contacts_count as bigint) as opened_contacts_count,
        cast(clicked_contacts_count as bigint) as clicked_contacts_count,
        cast(unsubscribed_contacts_count as bigint) as unsubscribed_contacts_count,
        cast(responses_count as bigint) as responses_count,
        cast(orders_without_amount_count as bigint) as orders_without_amount_count,
        cast(realised_amount as decimal(38, 4)) as realised_amount,
        {{ divide('100 * opened_contacts_count', 'contacts_count') }} as opened_pct,
        {{ divide('100 * clicked_contacts_count', 'contacts_count') }} as clicked_pct,
        {{ divide('100 * unsubscribed_contacts_count', 'contacts_count') }} as unsubscribed_pct,
        {{ divide('100 * responses_count', 'contacts_count') }} as response_pct,
        100 * {{ wilson_bound('responses_count', 'contacts_count', 'lower') }}
            as lower_response_pct,
        100 * {{ wilson_bound('responses_count', 'contacts_count', 'upper') }}
            as upper_response_pct
    from counted
)

select * from final
