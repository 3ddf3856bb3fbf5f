with

contacts as (select * from {{ ref('int_campaign_contacts_seen') }}),

orders as (select * from {{ ref('int_orders_valued') }}),

records as (select * from {{ ref('int_records_clustered') }}),

customer_orders as (
    select
        records.customer_id,
        orders.realised_amount,
        orders.has_amount and orders.realised_amount is not null as has_realised_amount,
        orders.ordered_at,
        orders.ordered_date
    from orders
    inner join records
        on orders.record_key = records.record_key
    where orders.is_paid
),

-- A contact has a row for each order up to the end of its window, and is one row again below.
paired as (
    select
        contacts.campaign_contact_id,
        customer_orders.realised_amount,
        customer_orders.has_realised_amount,
        customer_orders.ordered_date,
        customer_orders.ordered_at >= contacts.assigned_at as is_in_window,
        customer_orders.ordered_date < contacts.assigned_date as is_before
    from contacts
    inner join customer_orders
        on
            contacts.customer_id = customer_orders.customer_id
            and contacts.window_end_date >= customer_orders.ordered_date
),

answers as (
    select
        campaign_contact_id,
        count(*) filter (where is_in_window) as paid_orders_count,
        count(*) filter (where is_in_window and not has_realised_amount)
            as orders_without_amount_count,
        sum(case when is_in_window then realised_amount end) as realised_amount,
        count(*) filter (where is_before) as orders_before_count,
        max(case when is_before then ordered_date end) as last_order_before_date
    from paired
    group by campaign_contact_id
),

final as (
    select
        -- keys
        contacts.campaign_contact_id,
        contacts.campaign_id,
        contacts.customer_id,

        -- attributes
        -- As it was before the contact: a state that the campaign changed would say nothing of it.
        case
            when contacts.customer_id is null then 'not_known'
            else
                {{ purchase_state(
                    'answers.orders_before_count', 'answers.last_order_before_date',
                    'contacts.assigned_date'
                ) }}
        end as purchase_state,

        -- measures
        coalesce(answers.paid_orders_count, 0) as paid_orders_count,
        coalesce(answers.orders_without_amount_count, 0) as orders_without_amount_count,
        cast(coalesce(answers.realised_amount, 0) as decimal(38, 4)) as realised_amount
    from contacts
    left join answers
        on contacts.campaign_contact_id = answers.campaign_contact_id
)

select * from final
