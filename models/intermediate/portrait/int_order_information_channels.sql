{% set in_order = (
    'partition by customer_id order by happened_at asc nulls last,'
    ~ ' is_order asc nulls last, happening_key asc nulls last'
) %}
with

referrals as (select * from {{ ref('int_sessions_referred') }}),

orders as (select * from {{ ref('int_orders_valued') }}),

records as (select * from {{ ref('int_records_clustered') }}),

paid_orders as (
    select
        records.customer_id,
        orders.order_key,
        orders.ordered_at,
        orders.ordered_date
    from orders
    inner join records
        on orders.record_key = records.record_key
    where orders.is_paid
),

-- One sequence of sessions and orders for each customer: a join of the two would pair each of the
-- sessions of a shared account with each of its orders.
happenings as (
    select
        records.customer_id,
        referrals.referred_at as happened_at,
        false as is_order,
        referrals.session_key as happening_key,
        referrals.information_channel,
        referrals.referred_at,
        cast(null as date) as ordered_date
    from referrals
    inner join records
        on referrals.record_key = records.record_key

    union all

    select
        customer_id,
        ordered_at as happened_at,
        true as is_order,
        order_key as happening_key,
        cast(null as string) as information_channel,
        cast(null as timestamp) as referred_at,
        ordered_date
    from paid_orders
),

preceded as (
    select
        customer_id,
        happening_key as order_key,
        is_order,
        {{ last_known('information_channel', in_order) }} as information_channel,
        {{ last_known('referred_at', in_order) }} as referred_at,
        happened_at,
        ordered_date
    from happenings
),

final as (
    select
        -- keys
        order_key,
        customer_id,

        -- attributes
        information_channel,

        -- dates and timestamps
        referred_at,
        happened_at as ordered_at,
        ordered_date
    from preceded
    where
        is_order
        and {{ seconds_between('referred_at', 'happened_at') }}
        <= {{ var('information_channel_days') * 24 * 60 * 60 }}
)

select * from final
