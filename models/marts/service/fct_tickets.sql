with

tickets as (select * from {{ ref('int_tickets_seen') }}),

records as (select * from {{ ref('int_records_clustered') }}),

final as (
    select
        -- keys
        tickets.ticket_id,
        records.customer_id,
        records.record_id,
        tickets.native_customer_id,
        tickets.order_id,
        tickets.product_id,
        tickets.system,

        -- attributes
        tickets.pain_point_kind,
        tickets.category_word,
        tickets.contact_channel,
        tickets.channel_word,
        tickets.priority_word,
        tickets.ticket_status,
        tickets.status_word,
        tickets.ticket_subject,
        tickets.ticket_text,

        -- measures
        tickets.satisfaction,
        cast(
            floor(
                case
                    when tickets.first_answered_at >= tickets.opened_at
                        then {{ seconds_between('tickets.opened_at', 'tickets.first_answered_at') }}
                end
            ) as bigint
        ) as first_answer_seconds,
        cast(
            floor(
                case
                    when tickets.closed_at >= tickets.opened_at
                        then {{ seconds_between('tickets.opened_at', 'tickets.closed_at') }}
                end
            ) as bigint
        ) as resolution_seconds,

        -- dates and timestamps
        tickets.opened_at,
        tickets.opened_date,
        tickets.first_answered_at,
        tickets.closed_at
    from tickets
    left join records
        on tickets.record_key = records.record_key
)

select * from final
