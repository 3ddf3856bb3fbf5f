with

sessions as (select * from {{ ref('int_sessions_referred') }}),

contacts as (select * from {{ ref('stg_crm__campaign_contacts') }}),

campaigns as (select * from {{ ref('stg_crm__campaigns') }}),

records as (select * from {{ ref('int_records_clustered') }}),

as_of as (select * from {{ ref('int_as_of') }}),

unioned as (
    select
        records.customer_id,
        'session:' || cast(sessions.session_key as string) as touch_key,
        sessions.information_channel as channel,
        cast(null as string) as campaign_id,
        sessions.referred_at as touched_at
    from sessions
    inner join records
        on sessions.record_key = records.record_key

    union all

    select
        records.customer_id,
        'click:' || contacts.campaign_contact_id as touch_key,
        coalesce(contacts.campaign_channel, campaigns.campaign_channel, 'other') as channel,
        contacts.campaign_id,
        contacts.clicked_at as touched_at
    from contacts
    inner join records
        on
            contacts.system = records.system
            and contacts.native_customer_id = records.native_customer_id
    inner join as_of
        on {{ business_date('contacts.clicked_at') }} <= as_of.as_of_date
    left join campaigns
        on contacts.campaign_id = campaigns.campaign_id
),

final as (
    select
        -- keys
        touch_key,
        customer_id,
        campaign_id,

        -- attributes
        channel,

        -- dates and timestamps
        touched_at
    from unioned
)

select * from final
