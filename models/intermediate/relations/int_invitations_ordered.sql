with

inviters as (select * from {{ ref('int_customer_inviters') }}),

purchases as (select * from {{ ref('int_customer_purchases') }}),

records as (select * from {{ ref('int_records_clustered') }}),

first_seen as (
    select
        customer_id,
        min(first_seen_at) as first_seen_at
    from records
    group by customer_id
),

-- Whoever invites or is invited.
people as (
    select customer_id
    from inviters

    union

    select inviter_customer_id as customer_id
    from inviters
),

final as (
    select
        -- keys
        people.customer_id,
        inviters.inviter_customer_id,

        -- measures
        purchases.realised_amount,

        -- dates and timestamps
        case when inviters.customer_id is not null then first_seen.first_seen_at end as invited_at
    from people
    left join inviters
        on people.customer_id = inviters.customer_id
    left join purchases
        on people.customer_id = purchases.customer_id
    left join first_seen
        on people.customer_id = first_seen.customer_id
)

select * from final
