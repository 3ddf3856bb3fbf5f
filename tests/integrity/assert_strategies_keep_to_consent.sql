with

strategies as (select * from {{ ref('customer_strategy') }}),

options as (select * from {{ ref('customer_strategy_options') }}),

customers as (select * from {{ ref('dim_customers') }}),

option_totals as (
    select
        customer_id,
        count(*) filter (where blocked_reason is null) as open_options_count,
        max(case when option_rank = 1 then strategy_code end) as first_code
    from options
    group by customer_id
),

final as (
    select
        customers.customer_id,
        strategies.strategy_code,
        strategies.channel
    from customers
    full outer join strategies
        on customers.customer_id = strategies.customer_id
    left join option_totals
        on strategies.customer_id = option_totals.customer_id
    where
        customers.customer_id is null
        or strategies.customer_id is null
        or (strategies.channel = 'mail' and not coalesce(customers.has_email_consent, false))
        or (strategies.channel = 'message' and not coalesce(customers.has_sms_consent, false))
        or (strategies.channel = 'mail' and customers.email is null)
        or (strategies.channel = 'message' and customers.phone is null)
        or (
            strategies.strategy_code <> case
                when coalesce(option_totals.open_options_count, 0) = 0 then 'leave_alone'
                else option_totals.first_code
            end
        )
)

select * from final
