{% set channels = {
    'mail': ('email', 'has_email_consent'),
    'message': ('phone', 'has_sms_consent')
} %}
with

strategies as (select * from {{ ref('customer_strategy') }}),

options as (select * from {{ ref('customer_strategy_options') }}),

customers as (select * from {{ ref('dim_customers') }}),

contacts as (select * from {{ ref('fct_campaign_contacts') }}),

members as (select * from {{ ref('audience_members') }}),

exclusions as (select * from {{ ref('audience_exclusions') }}),

option_totals as (
    select
        customer_id,
        count(*) filter (where blocked_reason is null) as open_options_count,
        max(case when option_rank = 1 then strategy_code end) as first_code
    from options
    group by customer_id
),

-- Who may not be written to on a channel, or on any where it is null.
shut_out as (
    select
        customer_id,
        cast(null as {{ dbt.type_string() }}) as channel
    from members
    where arm = 'holdout'

    union all

    select
        customer_id,
        cast(null as {{ dbt.type_string() }}) as channel
    from contacts
    where
        is_holdout
        and not is_window_over

    union all

    select
        customer_id,
        cast(null as {{ dbt.type_string() }}) as channel
    from exclusions

    union all

    select
        customer_id,
        case when campaign_channel in ('mail', 'message') then campaign_channel end as channel
    from contacts
    where is_unsubscribed
    {% for channel, (address, consent) in channels.items() %}
        union all

        select
            customer_id,
            '{{ channel }}' as channel
        from customers
        where not {{ consent }}
    {% endfor %}
),

-- Their addresses, which others may have too.
shut_addresses as (
    {% for channel, (address, consent) in channels.items() %}
        select distinct
            lower(trim(customers.{{ address }})) as shut_address,
            '{{ channel }}' as channel
        from customers
        inner join shut_out
            on
                customers.customer_id = shut_out.customer_id
                and coalesce(shut_out.channel, '{{ channel }}') = '{{ channel }}'
        where customers.{{ address }} is not null
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

written as (
    {% for channel, (address, consent) in channels.items() %}
        select
            strategies.customer_id,
            strategies.strategy_code,
            strategies.channel,
            lower(trim(customers.{{ address }})) as written_address,
            customers.{{ consent }} as has_consent
        from strategies
        inner join customers
            on strategies.customer_id = customers.customer_id
        where strategies.channel = '{{ channel }}'
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

final as (
    select
        written.customer_id,
        written.strategy_code,
        written.channel
    from written
    left join shut_addresses
        on
            written.written_address = shut_addresses.shut_address
            and written.channel = shut_addresses.channel
    where
        written.written_address is null
        or not coalesce(written.has_consent, false)
        or shut_addresses.shut_address is not null

    union all

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
        or strategies.strategy_code <> case
            when coalesce(option_totals.open_options_count, 0) = 0 then 'leave_alone'
            else option_totals.first_code
        end
)

select * from final
