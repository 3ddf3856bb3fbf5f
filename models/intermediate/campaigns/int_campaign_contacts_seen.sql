with

contacts as (select * from {{ ref('stg_crm__campaign_contacts') }}),

campaigns as (select * from {{ ref('int_campaigns_described') }}),

records as (select * from {{ ref('int_records_clustered') }}),

as_of as (select * from {{ ref('int_as_of') }}),

-- What came after the as-of date was not known on it.
joined as (
    select
        contacts.campaign_contact_id,
        contacts.campaign_id,
        records.record_key,
        records.record_id,
        records.customer_id,
        -- The record of which nothing else is known counts as one of its own.
        {{ key_part('contacts.system') }} || ':' || contacts.native_customer_id as assigned_key,
        contacts.arm,
        coalesce(contacts.campaign_channel, campaigns.campaign_channel) as campaign_channel,
        contacts.failure_word,
        contacts.is_holdout,
        contacts.assigned_at,
        contacts.assigned_date,
        {{ add_days('contacts.assigned_date', 'campaigns.window_days - 1') }} as window_end_date,
        as_of.as_of_date,
        {% for step in ['sent', 'delivered', 'bounced', 'opened', 'clicked', 'unsubscribed'] %}
            case
                when {{ business_date('contacts.' ~ step ~ '_at') }} <= as_of.as_of_date
                    then contacts.{{ step }}_at
            end as {{ step }}_at{% if not loop.last %},{% endif %}
        {% endfor %}
    from contacts
    inner join as_of
        on contacts.assigned_date <= as_of.as_of_date
    inner join campaigns
        on contacts.campaign_id = campaigns.campaign_id
    left join records
        on
            contacts.system = records.system
            and contacts.native_customer_id = records.native_customer_id
),

-- Each later step shows that those before it were taken, also where a tool does not tell them.
-- Where it tells no delivery of a campaign at all, what was sent and did not bounce was delivered.
stepped as (
    select
        *,
        clicked_at is not null as is_clicked,
        coalesce(opened_at, clicked_at) is not null as is_opened,
        coalesce(delivered_at, opened_at, clicked_at, unsubscribed_at) is not null
        or (
            count(delivered_at) over (partition by campaign_id) = 0
            and sent_at is not null
            and bounced_at is null
        ) as is_delivered,
        coalesce(sent_at, delivered_at, bounced_at, opened_at, clicked_at, unsubscribed_at)
        is not null as is_sent
    from joined
),

counted as (
    select
        *,
        count(*) filter (where is_sent and not is_holdout) over (
            partition by customer_id
            order by assigned_date asc nulls last
            range between interval 30 days preceding and interval 1 days preceding
        ) as contacts_before_count,
        row_number() over (
            partition by campaign_id, customer_id
            order by assigned_at asc nulls last, campaign_contact_id asc nulls last
        ) as contact_rank,
        min(arm) over (partition by campaign_id, customer_id) as first_arm,
        max(arm) over (partition by campaign_id, customer_id) as last_arm
    from stepped
),

final as (
    select
        -- keys
        campaign_contact_id,
        campaign_id,
        record_key,
        record_id,
        customer_id,
        assigned_key,

        -- attributes
        arm,
        campaign_channel,
        failure_word,
        case
            when is_holdout then 'held_out'
            when is_clicked then 'clicked'
            when is_opened then 'opened'
            when is_delivered then 'delivered'
            when bounced_at is not null then 'bounced'
            when is_sent then 'sent'
            else 'not_sent'
        end as contact_status,

        -- measures
        case when customer_id is not null then contacts_before_count end
            as contacts_prior_30d_count,
        case when customer_id is not null then contact_rank end as contact_rank,

        -- flags
        is_holdout,
        is_sent,
        is_delivered,
        is_opened,
        is_clicked,
        unsubscribed_at is not null as is_unsubscribed,
        customer_id is not null and first_arm <> last_arm as is_in_several_arms,
        window_end_date <= as_of_date as is_window_over,

        -- dates and timestamps
        assigned_at,
        assigned_date,
        window_end_date,
        sent_at,
        delivered_at,
        bounced_at,
        opened_at,
        clicked_at,
        unsubscribed_at
    from counted
)

select * from final
