with

tickets as (select * from {{ ref('stg_crm__tickets') }}),

records as (select * from {{ ref('int_records_clustered') }}),

as_of as (select * from {{ ref('int_as_of') }}),

opened as (
    select
        tickets.*,
        {{ business_date('tickets.first_answered_at') }} > as_of.as_of_date as is_answered_later,
        {{ business_date('tickets.closed_at') }} > as_of.as_of_date as is_closed_later
    from tickets
    inner join as_of
        on tickets.opened_date <= as_of.as_of_date
),

-- What came after the as-of date was not known on it.
final as (
    select
        -- keys
        opened.ticket_id,
        records.record_key,
        opened.native_customer_id,
        opened.system,
        {{ key_part('opened.system') }} || ':' || opened.native_order_id as order_id,
        opened.product_id,

        -- attributes
        opened.category_word,
        opened.pain_point_kind,
        opened.channel_word,
        opened.contact_channel,
        opened.priority_word,
        opened.status_word,
        case when opened.is_closed_later then 'open' else opened.ticket_status end as ticket_status,
        opened.ticket_subject,
        opened.ticket_text,

        -- measures
        case when opened.is_closed_later then null else opened.satisfaction end as satisfaction,

        -- dates and timestamps
        opened.opened_at,
        opened.opened_date,
        case when opened.is_answered_later then null else opened.first_answered_at end
            as first_answered_at,
        case
            when opened.ticket_status = 'closed' and not opened.is_closed_later
                then opened.closed_at
        end as closed_at
    from opened
    left join records
        on
            opened.system = records.system
            and opened.native_customer_id = records.native_customer_id
)

select * from final
