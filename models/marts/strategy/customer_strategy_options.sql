{% set values = {
    'expected_extra_orders_per_100_count': 'expected_value_amount',
    'lower_expected_extra_orders_per_100_count': 'lower_expected_value_amount',
    'upper_expected_extra_orders_per_100_count': 'upper_expected_value_amount'
} %}
{% set channels = {
    'mail': ('email', 'has_email_consent'),
    'message': ('phone', 'has_sms_consent')
} %}
with

portraits as (select * from {{ ref('customer_portrait') }}),

customers as (select * from {{ ref('dim_customers') }}),

strategies as (select * from {{ ref('strategies') }}),

lifts as (select * from {{ ref('rpt_campaign_kind_lifts') }}),

channels_measured as (select * from {{ ref('int_contact_channels_measured') }}),

contacts as (select * from {{ ref('int_campaign_contacts_seen') }}),

margins as (select * from {{ ref('customer_margins') }}),

exclusions as (select * from {{ ref('audience_exclusions') }}),

-- Whom each strategy is for, by its line in the seed.
fits as (
    select
        cast(null as {{ dbt.type_string() }}) as customer_id,
        cast(null as {{ dbt.type_string() }}) as strategy_code
    where 1 = 0
    {% for strategy in registered_strategies() %}
        union all
        select
            customer_id,
            '{{ strategy["strategy_code"] }}' as strategy_code
        from portraits
        where {{ strategy['condition'] }}
    {% endfor %}
),

-- Whoever refused consent refused it for the address, also where another customer has it too.
{% for channel, (address, consent) in channels.items() %}
    {{ channel }}_refusals as (
        select distinct lower(trim({{ address }})) as refused_address
        from customers
        where
            not {{ consent }}
            and {{ address }} is not null
    ),

{% endfor %}
-- Who unsubscribed by a contact has refused the channel, whatever the systems still say.
unsubscribed as (
    select distinct
        customer_id,
        campaign_channel
    from contacts
    where
        is_unsubscribed
        and customer_id is not null
),

allowed as (
    {% for channel, (address, consent) in channels.items() %}
        select
            customers.customer_id,
            '{{ channel }}' as contact_channel
        from customers
        left join {{ channel }}_refusals
            on lower(trim(customers.{{ address }})) = {{ channel }}_refusals.refused_address
        left join unsubscribed
            on
                customers.customer_id = unsubscribed.customer_id
                and unsubscribed.campaign_channel = '{{ channel }}'
        where
            customers.{{ consent }}
            and customers.{{ address }} is not null
            and {{ channel }}_refusals.refused_address is null
            and unsubscribed.customer_id is null
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

-- The share of contacts that orders followed: the customer's own, with that of everybody as so many
-- contacts.
rated_channels as (
    select
        allowed.customer_id,
        allowed.contact_channel,
        everybody.contact_cost_amount,
        {{ divide(
            '100 * (coalesce(own.answered_contacts_count, 0) + '
            ~ var('strategy_channel_prior_contacts') ~ ' * '
            ~ divide('everybody.answered_contacts_count', 'everybody.delivered_contacts_count') ~ ')',
            'coalesce(own.delivered_contacts_count, 0) + ' ~ var('strategy_channel_prior_contacts')
        ) }} as channel_answer_pct
    from allowed
    left join channels_measured as everybody
        on
            allowed.contact_channel = everybody.campaign_channel
            and everybody.customer_id is null
    left join channels_measured as own
        on
            allowed.contact_channel = own.campaign_channel
            and allowed.customer_id = own.customer_id
),

ranked_channels as (
    select
        *,
        row_number() over (
            partition by customer_id
            order by
                channel_answer_pct desc nulls last,
                contact_cost_amount asc nulls last,
                contact_channel asc nulls last
        ) as channel_rank
    from rated_channels
),

recent_contacts as (
    select
        contacts.customer_id,
        count(*) as contacts_count
    from contacts
    inner join portraits
        on contacts.customer_id = portraits.customer_id
    where
        contacts.is_sent
        and {{ days_between('contacts.assigned_date', 'portraits.as_of_date') }}
        < {{ var('contact_cap_days') }}
    group by contacts.customer_id
),

-- What one more order brings: the margin, or the realised amount where no cost is known at all.
company as (
    select
        sum(margin_orders_count) > 0 as has_costs,
        case
            when sum(margin_orders_count) > 0
                then {{ divide('sum(margin_amount)', 'sum(margin_orders_count)') }}
            else {{ divide('sum(realised_amount)', 'sum(orders_count)') }}
        end as order_value
    from margins
),

order_values as (
    select
        margins.customer_id,
        case when company.has_costs then margins.margin_amount else margins.realised_amount end
            as own_amount,
        case when company.has_costs then margins.margin_orders_count else margins.orders_count end
            as own_orders_count
    from margins
    cross join company
),

weighed as (
    select
        fits.customer_id,
        fits.strategy_code,
        strategies.campaign_kind,
        strategies.delivery,
        strategies.is_first,
        strategies.priority,
        {{ purchase_state(
            'portraits.paid_orders_count', 'portraits.last_paid_order_date', 'portraits.as_of_date'
        ) }} as purchase_state,
        case
            when strategies.delivery = 'contact' then ranked_channels.contact_channel
            else strategies.delivery
        end as channel,
        case when strategies.delivery = 'contact' then ranked_channels.channel_answer_pct end
            as channel_answer_pct,
        case
            when strategies.delivery = 'contact'
                then coalesce(ranked_channels.contact_cost_amount, 0)
            else 0
        end as contact_cost_amount,
        coalesce(recent_contacts.contacts_count, 0) as contacts_recent_count,
        {{ divide(
            'coalesce(order_values.own_amount, 0) + ' ~ var('strategy_prior_orders')
            ~ ' * company.order_value',
            'coalesce(order_values.own_orders_count, 0) + ' ~ var('strategy_prior_orders')
        ) }} as order_value,
        exclusions.customer_id is not null as is_erased,
        portraits.as_of_date
    from fits
    inner join portraits
        on fits.customer_id = portraits.customer_id
    inner join strategies
        on fits.strategy_code = strategies.strategy_code
    cross join company
    left join ranked_channels
        on
            fits.customer_id = ranked_channels.customer_id
            and ranked_channels.channel_rank = 1
    left join recent_contacts
        on fits.customer_id = recent_contacts.customer_id
    left join order_values
        on fits.customer_id = order_values.customer_id
    left join exclusions
        on fits.customer_id = exclusions.customer_id
),

valued as (
    select
        weighed.*,
        {% for lift, value in values.items() %}
            lifts.{{ lift }},
            cast(
                0.01 * lifts.{{ lift }} * weighed.order_value - weighed.contact_cost_amount
                as decimal(38, 4)
            ) as {{ value }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from weighed
    left join lifts
        on
            -- nothing was measured of what is not sent
            case when weighed.delivery = 'contact' then weighed.campaign_kind end
            = lifts.campaign_kind
            and weighed.purchase_state = lifts.purchase_state
),

judged as (
    select
        *,
        case
            when is_erased then 'erased'
            when channel is null then 'no_channel'
            when
                delivery = 'contact'
                and contacts_recent_count >= {{ var('contact_cap_count') }}
                then 'contact_cap'
            when expected_value_amount <= 0 then 'does_not_pay'
        end as own_blocked_reason
    from valued
),

-- The plan decides, by its priorities, unless measurement is sure that another is worth more.
compared as (
    select
        *,
        case
            when own_blocked_reason is not null then own_blocked_reason
            when
                not is_first
                and upper_expected_value_amount < max(
                    case
                        when own_blocked_reason is null then lower_expected_value_amount
                    end
                ) over (partition by customer_id)
                then 'worth_less'
        end as blocked_reason
    from judged
),

final as (
    select
        -- keys
        customer_id,
        strategy_code,

        -- attributes
        purchase_state,
        campaign_kind,
        channel,
        case
            when expected_value_amount is null then 'not_measured'
            else 'measured'
        end as value_basis,
        blocked_reason,

        -- measures
        cast(
            row_number() over (
                partition by customer_id
                order by
                    case when blocked_reason is null then 0 else 1 end asc nulls last,
                    case when is_first then 0 else 1 end asc nulls last,
                    priority asc nulls last,
                    strategy_code asc nulls last
            ) as bigint
        ) as option_rank,
        expected_extra_orders_per_100_count,
        cast(order_value as decimal(38, 4)) as order_value_amount,
        cast(contact_cost_amount as decimal(38, 4)) as contact_cost_amount,
        expected_value_amount,
        least(lower_expected_value_amount, upper_expected_value_amount)
            as lower_expected_value_amount,
        greatest(lower_expected_value_amount, upper_expected_value_amount)
            as upper_expected_value_amount,
        channel_answer_pct,
        cast(contacts_recent_count as bigint) as contacts_recent_count,

        -- dates and timestamps
        as_of_date
    from compared
)

select * from final
