with

tickets as (select * from {{ ref('base_crm__tickets') }}),

pain_point_words as (select * from {{ ref('pain_point_words') }}),

channel_words as (select * from {{ ref('contact_channel_words') }}),

status_words as (select * from {{ ref('ticket_status_words') }}),

-- Each seed holds a word once: no row is multiplied.
final as (
    select
        -- keys
        tickets.ticket_id,
        lower(tickets.system) as system,
        tickets.native_id as native_customer_id,
        tickets.order_id as native_order_id,
        'shop:' || tickets.product_id as product_id,

        -- attributes
        tickets.category as category_word,
        pain_point_words.pain_point_kind,
        tickets.channel as channel_word,
        channel_words.contact_channel,
        tickets.priority as priority_word,
        tickets.status as status_word,
        coalesce(
            status_words.ticket_status,
            case when tickets.closed_at is not null then 'closed' else 'open' end
        ) as ticket_status,
        tickets.subject as ticket_subject,
        tickets.text as ticket_text,

        -- measures
        tickets.satisfaction as written_satisfaction,
        case when tickets.satisfaction between 1 and 5 then tickets.satisfaction end
            as satisfaction,

        -- dates and timestamps
        tickets.opened_at,
        tickets.opened_date,
        tickets.first_answered_at,
        tickets.closed_at,
        tickets.updated_at
    from tickets
    left join pain_point_words
        on {{ status_word('tickets.category') }} = pain_point_words.pain_point_word
    left join channel_words
        on {{ status_word('tickets.channel') }} = channel_words.contact_channel_word
    left join status_words
        on {{ status_word('tickets.status') }} = status_words.ticket_status_word
    where tickets.row_status = 'accepted'
)

select * from final
