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

orders as (select * from {{ ref('fct_orders') }}),

exclusions as (select * from {{ ref('audience_exclusions') }}),

members as (select * from {{ ref('audience_members') }}),

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

-- Whoever is held out shows what happens without a contact: nobody writes to them.
held_out as (
    select customer_id
    from members
    where arm = 'holdout'

    union

    select customer_id
    from contacts
    where
        is_holdout
        and not is_window_over
        and customer_id is not null
),

-- Who unsubscribed by a contact has refused its channel, whatever the systems still say; where the
-- channel is not known, or none of these, all of them.
unsubscribed as (
    {% for channel in channels %}
        select distinct
            customer_id,
            '{{ channel }}' as contact_channel
        from contacts
        where
            is_unsubscribed
            and customer_id is not null
            {% for other in channels if other != channel %}
                and coalesce(campaign_channel, 'not_known') <> '{{ other }}'
            {% endfor %}
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
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

-- An address is that of all who have it: whoever refuses there, is erased or held out closes it for
-- the others, and each contact counts for all.
{% for channel, (address, consent) in channels.items() %}
    {{ channel }}_addresses as (
        select
            lower(trim(customers.{{ address }})) as contact_address,
            max(
                case
                    when
                        not customers.{{ consent }}
                        or unsubscribed.customer_id is not null
                        or exclusions.customer_id is not null
                        or held_out.customer_id is not null
                        then 1
                    else 0
                end
            ) = 1 as is_closed,
            sum(coalesce(recent_contacts.contacts_count, 0)) as contacts_count
        from customers
        left join unsubscribed
            on
                customers.customer_id = unsubscribed.customer_id
                and unsubscribed.contact_channel = '{{ channel }}'
        left join exclusions
            on customers.customer_id = exclusions.customer_id
        left join held_out
            on customers.customer_id = held_out.customer_id
        left join recent_contacts
            on customers.customer_id = recent_contacts.customer_id
        where customers.{{ address }} is not null
        group by lower(trim(customers.{{ address }}))
    ),

{% endfor %}
allowed as (
    {% for channel, (address, consent) in channels.items() %}
        select
            customers.customer_id,
            '{{ channel }}' as contact_channel,
            {{ channel }}_addresses.contacts_count
        from customers
        inner join {{ channel }}_addresses
            on lower(trim(customers.{{ address }})) = {{ channel }}_addresses.contact_address
        where
            customers.{{ consent }}
            and not {{ channel }}_addresses.is_closed
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
        allowed.contacts_count as address_contacts_count,
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

-- What one more order brings: the margin, or the realised amount where no cost is known at all. The
-- orders are those that a lift counts: the paid ones.
paid_orders as (
    select
        customer_id,
        count(margin_amount) as margin_orders_count,
        sum(margin_amount) as margin_amount,
        count(realised_amount) as realised_orders_count,
        sum(realised_amount) as realised_amount
    from orders
    where
        is_paid
        and customer_id is not null
    group by customer_id
),

company as (
    select
        sum(margin_orders_count) > 0 as has_costs,
        case
            when sum(margin_orders_count) > 0
                then {{ divide('sum(margin_amount)', 'sum(margin_orders_count)') }}
            else {{ divide('sum(realised_amount)', 'sum(realised_orders_count)') }}
        end as order_value
    from paid_orders
),

order_values as (
    select
        paid_orders.customer_id,
        case
            when company.has_costs then paid_orders.margin_amount
            else paid_orders.realised_amount
        end as own_amount,
        case
            when company.has_costs then paid_orders.margin_orders_count
            else paid_orders.realised_orders_count
        end as own_orders_count
    from paid_orders
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
        ranked_channels.address_contacts_count,
        {{ divide(
            'coalesce(order_values.own_amount, 0) + ' ~ var('strategy_prior_orders')
            ~ ' * company.order_value',
            'coalesce(order_values.own_orders_count, 0) + ' ~ var('strategy_prior_orders')
        ) }} as order_value,
        exclusions.customer_id is not null as is_erased,
        held_out.customer_id is not null as is_held_out,
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
    left join held_out
        on fits.customer_id = held_out.customer_id
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
            when delivery = 'contact' and is_held_out then 'held_out'
            when channel is null then 'no_channel'
            when
                delivery = 'contact'
                and address_contacts_count >= {{ var('contact_cap_count') }}
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
