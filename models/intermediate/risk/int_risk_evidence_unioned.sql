{% set refunded_orders_value = var('risk_refunded_orders_value') %}
{#- Reasons from shares of orders: what is counted of what, with the words for it. -#}
{% set shares = {
    'refund': {
        'count': 'refunded_orders_count',
        'trials': 'paid_orders_count',
        'date': 'last_refund_date',
        'words': 'paid orders were refunded in whole or in part',
        'also': {
            'share': 'refunded_amount >= ' ~ refunded_orders_value ~ ' * usual_net_amount',
            'habit': '2 * refunded_amount >= paid_net_amount',
        },
        'money': divide('refunded_amount', 'paid_net_amount'),
    },
    'cancellation': {
        'count': 'cancelled_orders_count',
        'trials': 'orders_count',
        'date': 'last_cancellation_date',
        'words': 'orders were cancelled',
        'also': {},
        'money': none,
    },
} %}
with

account_groups as (select * from {{ ref('int_account_groups_counted') }}),

accounts as (select * from {{ ref('int_accounts_described') }}),

record_values as (select * from {{ ref('int_record_values_gathered') }}),

devices as (select * from {{ ref('stg_app__devices') }}),

identifiers as (select * from {{ ref('int_identifiers_unioned') }}),

identifier_values as (select * from {{ ref('int_identifier_values_judged') }}),

disposable_mail_domains as (select * from {{ ref('disposable_mail_domains') }}),

records as (select * from {{ ref('int_records_clustered') }}),

outcomes as (select * from {{ ref('int_customer_outcomes_counted') }}),

bursts as (select * from {{ ref('int_order_bursts_found') }}),

-- A value has a row for each system, and a customer may have several accounts with it.
holders as (
    select distinct
        accounts.customer_id,
        accounts.system,
        record_values.relation_key,
        record_values.key_value
    from record_values
    inner join accounts
        on record_values.record_key = accounts.record_key
    where record_values.relation_key in ('phone', 'device', 'address')
),

group_customers as (
    select
        key_value as customer_id,
        relation_key,
        key_value,
        system
    from account_groups
    where relation_key = 'customer'

    union all

    select
        customer_id,
        relation_key,
        key_value,
        system
    from holders
),

-- Members of one household may each have an account that began with a coupon.
judged_groups as (
    select
        account_groups.*,
        group_customers.customer_id,
        case
            when account_groups.circles_count = 1
                then account_groups.near_coupon_accounts_count - account_groups.customers_count + 1
            else account_groups.near_coupon_accounts_count
        end as ring_accounts_count,
        2 * account_groups.near_accounts_count >= account_groups.accounts_count as is_mostly_near,
        2 * account_groups.near_coupon_accounts_count >= account_groups.accounts_count
            as is_mostly_ring
    from account_groups
    inner join group_customers
        on
            account_groups.relation_key = group_customers.relation_key
            and account_groups.key_value = group_customers.key_value
            and account_groups.system = group_customers.system
),

disposable_domains as (
    select
        'email' as identifier_type,
        mail_domain
    from disposable_mail_domains
),

placeholder_values as (
    select
        identifiers.record_key,
        identifiers.identifier_value
    from identifiers
    inner join identifier_values
        on
            identifiers.identifier_type = identifier_values.identifier_type
            and identifiers.identifier_value = identifier_values.identifier_value
    left join disposable_domains
        on
            identifiers.identifier_type = disposable_domains.identifier_type
            and split_part(identifiers.identifier_value, '@', 2) = disposable_domains.mail_domain
    where
        not identifiers.is_superseded
        and (
            disposable_domains.mail_domain is not null
            or (
                identifier_values.identifier_status = 'blocked'
                and identifier_values.reason not in ('organisation', 'shared by an office')
            )
        )
),

placeholders as (
    select
        records.customer_id,
        count(distinct placeholder_values.identifier_value) as values_count
    from placeholder_values
    inner join records
        on placeholder_values.record_key = records.record_key
    group by records.customer_id
),

emulators as (
    select
        accounts.customer_id,
        count(distinct devices.native_device_id) as devices_count,
        max({{ business_date('devices.first_seen_at') }}) as last_date
    from record_values
    inner join accounts
        on record_values.record_key = accounts.record_key
    inner join devices
        on record_values.key_value = devices.native_device_id
    where
        record_values.relation_key = 'device'
        and devices.is_emulator
    group by accounts.customer_id
),

reasons as (
    select
        customer_id,
        'many_accounts' as reason_code,
        accounts_count as cases_count,
        cast(null as bigint) as trials_count,
        cast(accounts_count as string) || ' accounts in ' || system || ' are one customer''s'
            as evidence,
        last_opened_date as evidence_date
    from judged_groups
    where relation_key = 'customer'

    union all

    select
        customer_id,
        'near_accounts' as reason_code,
        near_accounts_count as cases_count,
        accounts_count as trials_count,
        cast(near_accounts_count as string) || ' of ' || cast(accounts_count as string)
        || ' accounts of the customer in ' || system || ' were opened within 14 days' as evidence,
        last_opened_date as evidence_date
    from judged_groups
    where relation_key = 'customer'

    union all

    select
        customer_id,
        'shared_device' as reason_code,
        circles_count as cases_count,
        accounts_count as trials_count,
        cast(accounts_count as string) || ' accounts of ' || cast(customers_count as string)
        || ' customers from ' || cast(circles_count as string)
        || ' households or employers use one device' as evidence,
        last_opened_date as evidence_date
    from judged_groups
    where relation_key = 'device'

    union all

    select
        customer_id,
        'shared_address' as reason_code,
        least(circles_count, near_accounts_count) as cases_count,
        accounts_count as trials_count,
        cast(near_accounts_count as string) || ' of ' || cast(accounts_count as string)
        || ' accounts of ' || cast(circles_count as string) || ' households or employers with one '
        || case when relation_key = 'phone' then 'phone number' else 'address' end
        || ' were opened within 14 days' as evidence,
        last_opened_date as evidence_date
    from judged_groups
    where
        relation_key in ('phone', 'address')
        and is_mostly_near

    union all

    select
        customer_id,
        'coupon_ring' as reason_code,
        ring_accounts_count as cases_count,
        accounts_count as trials_count,
        cast(ring_accounts_count as string) || ' of ' || cast(accounts_count as string)
        || ' accounts of one ' || relation_key || ' in ' || system
        || ' were opened within 14 days and have ordered with coupons only' as evidence,
        last_opened_date as evidence_date
    from judged_groups
    where is_mostly_ring

    union all

    select
        customer_id,
        'emulator' as reason_code,
        devices_count as cases_count,
        cast(null as bigint) as trials_count,
        'emulators among the devices: ' || cast(devices_count as string) as evidence,
        last_date as evidence_date
    from emulators

    union all

    select
        customer_id,
        'placeholder_values' as reason_code,
        values_count as cases_count,
        cast(null as bigint) as trials_count,
        'placeholders and throw-away addresses in the records: ' || cast(values_count as string)
            as evidence,
        cast(null as date) as evidence_date
    from placeholders

    union all

    select
        customer_id,
        'order_burst' as reason_code,
        orders_count as cases_count,
        failed_orders_count as trials_count,
        cast(orders_count as string) || ' orders within '
        || cast(cast(ceil(span_minutes) as decimal(18, 0)) as string) || ' minutes on '
        || cast(ordered_date as string) || ', of which ' || cast(failed_orders_count as string)
        || ' were cancelled or refunded' as evidence,
        ordered_date as evidence_date
    from bursts

    union all

    {% for kind, about in shares.items() %}
        {% for reason, bound in {
            'share': var('risk_share_factor') ~ ' * everybody_' ~ kind ~ '_share', 'habit': '0.5'
        }.items() %}
            select
                customer_id,
                '{{ kind }}_{{ reason }}' as reason_code,
                {{ about.count }} as cases_count,
                {{ about.trials }} as trials_count,
                cast({{ about.count }} as string) || ' of ' || cast({{ about.trials }} as string)
                || ' {{ about.words }}: '
                {% if reason == 'share' %}
                    || 'surely at least ' || {{ percent_text(kind ~ '_lower_share') }}
                    || ', of all customers ' || {{ percent_text('everybody_' ~ kind ~ '_share') }}
                {% elif about.money %}
                    || {{ percent_text(about.money) }} || ' of the money that was paid'
                {% else %}
                    || 'surely most of them'
                {% endif %}
                    as evidence,
                {{ about.date }} as evidence_date
            from outcomes
            where
                {{ kind }}_lower_share > {{ bound }}
                {% if reason in about.also %}
                    and {{ about.also[reason] }}
                {% endif %}

            union all

        {% endfor %}
    {% endfor %}
    select
        customer_id,
        'unpaid_orders' as reason_code,
        overdue_orders_count as cases_count,
        orders_count as trials_count,
        cast(overdue_orders_count as string) || ' of ' || cast(orders_count as string)
        || ' orders are unpaid for more than {{ var("risk_unpaid_days") }} days' as evidence,
        last_unpaid_date as evidence_date
    from outcomes
    where unpaid_lower_share > {{ var('risk_share_factor') }} * everybody_unpaid_share
),

-- The strongest case of each reason stands for it.
ranked as (
    select
        *,
        row_number() over (
            partition by customer_id, reason_code
            order by
                cases_count desc nulls last,
                evidence_date desc nulls last,
                evidence asc nulls last
        ) as case_rank
    from reasons
),

final as (
    select
        -- keys
        customer_id,
        reason_code,

        -- attributes
        evidence,

        -- measures
        cast(cases_count as bigint) as cases_count,
        cast(trials_count as bigint) as trials_count,

        -- dates and timestamps
        evidence_date
    from ranked
    where case_rank = 1
)

select * from final
