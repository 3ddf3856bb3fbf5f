with

contacts as (select * from {{ ref('base_crm__campaign_contacts') }}),

arms as (select * from {{ ref('base_crm__campaign_arms') }}),

channel_words as (select * from {{ ref('campaign_channel_words') }}),

holdout_words as (select * from {{ ref('holdout_words') }}),

-- Two spellings of one group are one.
told_arms as (
    select
        campaign_id,
        {{ status_word('arm') }} as arm_key,
        bool_or(is_holdout) as is_holdout
    from arms
    where row_status = 'accepted'
    group by campaign_id, {{ status_word('arm') }}
),

-- Each seed holds a word once, and a campaign each group: no row is multiplied.
read as (
    select
        contacts.*,
        channel_words.campaign_channel,
        coalesce(
            contacts.is_holdout, told_arms.is_holdout, holdout_words.holdout_word is not null
        ) as is_held_out
    from contacts
    left join told_arms
        on
            contacts.campaign_id = told_arms.campaign_id
            and {{ status_word('contacts.arm') }} = told_arms.arm_key
    left join channel_words
        on {{ status_word('contacts.channel') }} = channel_words.campaign_channel_word
    left join holdout_words
        on {{ status_word('contacts.arm') }} = holdout_words.holdout_word
    where contacts.row_status = 'accepted'
),

final as (
    select
        -- keys
        campaign_contact_id,
        campaign_id,
        lower(system) as system,
        native_id as native_customer_id,

        -- attributes
        case
            when is_held_out then 'holdout'
            else coalesce({{ status_word('arm') }}, 'treatment')
        end as arm,
        arm as arm_word,
        channel as channel_word,
        campaign_channel,
        coupon_code,
        failure as failure_word,

        -- flags
        is_held_out as is_holdout,

        -- dates and timestamps
        assigned_at,
        assigned_date,
        sent_at,
        delivered_at,
        bounced_at,
        opened_at,
        clicked_at,
        unsubscribed_at,
        updated_at
    from read
)

select * from final
