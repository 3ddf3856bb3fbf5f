{% set grains = ['campaign_channel, customer_id', 'campaign_channel'] %}
with

contacts as (select * from {{ ref('int_campaign_contacts_seen') }}),

answered as (select * from {{ ref('int_campaign_contacts_answered') }}),

campaigns as (select * from {{ ref('int_campaigns_described') }}),

delivered as (
    select
        contacts.campaign_channel,
        contacts.customer_id,
        answered.paid_orders_count > 0 as is_answered,
        campaigns.contact_cost_amount
    from contacts
    inner join answered
        on contacts.campaign_contact_id = answered.campaign_contact_id
    inner join campaigns
        on contacts.campaign_id = campaigns.campaign_id
    where
        contacts.is_delivered
        -- who may still order has not left the contact without an answer
        and contacts.is_window_over
        and contacts.customer_id is not null
        and contacts.campaign_channel is not null
),

-- The row without a customer is everybody.
final as (
    {% for grain in grains %}
        select
            -- keys
            campaign_channel,
            {% if 'customer_id' in grain %}
                customer_id,
            {% else %}
                cast(null as {{ dbt.type_string() }}) as customer_id,
            {% endif %}

            -- measures
            count(*) as delivered_contacts_count,
            count(*) filter (where is_answered) as answered_contacts_count,
            {{ divide(
                'sum(contact_cost_amount)', 'count(contact_cost_amount)', 'decimal(38, 4)'
            ) }} as contact_cost_amount
        from delivered
        group by {{ grain }}
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
)

select * from final
