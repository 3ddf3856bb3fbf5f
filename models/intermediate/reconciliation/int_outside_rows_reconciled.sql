with

as_of as (select * from {{ ref('int_as_of') }}),

known_records as (select * from {{ ref('int_record_attributes_unioned') }}),

records as (select * from {{ ref('int_records_clustered') }}),

orders as (select * from {{ ref('int_orders_unioned') }}),

order_lines as (select * from {{ ref('int_order_lines_unioned') }}),

payments as (select * from {{ ref('int_payments_unioned') }}),

fees as (select * from {{ ref('int_order_fees_unioned') }}),

order_events as (select * from {{ ref('stg_shop__order_events') }}),

crm_identifiers as (select * from {{ ref('stg_crm__identifiers') }}),

crm_relationships as (select * from {{ ref('stg_crm__relationships') }}),

loyalty_points as (select * from {{ ref('stg_crm__loyalty_points') }}),

surveys as (select * from {{ ref('stg_crm__surveys') }}),

tickets as (select * from {{ ref('stg_crm__tickets') }}),

interactions as (select * from {{ ref('stg_crm__interactions') }}),

social_profiles as (select * from {{ ref('stg_crm__social_profiles') }}),

reviews as (select * from {{ ref('stg_shop__reviews') }}),

campaign_contacts as (select * from {{ ref('stg_crm__campaign_contacts') }}),

app_events as (select * from {{ ref('stg_app__events') }}),

-- Accepted rows that no fact holds, or that name a row which is not there.
rows_outside as (
    select
        order_lines.system,
        {{ staged_table('order_lines', 'order_lines.system') }} as subject,
        case
            when orders.native_order_id is null then 'line_without_order'
            when orders.is_test then 'test_order'
            else 'after_as_of_date'
        end as bucket,
        coalesce(
            round(
                {{ product_of_amounts('order_lines.quantity', 'order_lines.unit_price_local') }}, 4
            ),
            order_lines.line_amount_local
        ) as amount_local
    from order_lines
    left join orders
        on
            order_lines.system = orders.system
            and order_lines.native_order_id = orders.native_order_id
    inner join as_of
        on
            orders.native_order_id is null
            or orders.is_test
            or orders.ordered_date > as_of.as_of_date

    union all

    select
        payments.system,
        {{ staged_table('payments', 'payments.system') }} as subject,
        'payment_without_order' as bucket,
        payments.amount_local
    from payments
    left join orders
        on
            payments.system = orders.system
            and payments.native_order_id = orders.native_order_id
    where
        payments.native_order_id is not null
        and orders.native_order_id is null

    union all

    select
        payments.system,
        {{ staged_table('payments', 'payments.system') }} as subject,
        case when orders.is_test then 'test_order' else 'after_as_of_date' end as bucket,
        payments.amount_local
    from payments
    left join orders
        on
            payments.system = orders.system
            and payments.native_order_id = orders.native_order_id
    inner join as_of
        on
            orders.is_test
            or payments.paid_date > as_of.as_of_date

    union all

    select
        fees.source_system as system,
        case
            when fees.source_system = 'ops' then 'order_costs'
            else {{ staged_table('fees', 'fees.source_system') }}
        end as subject,
        case
            when orders.native_order_id is null then 'fee_without_order'
            when orders.is_test then 'test_order'
            else 'after_as_of_date'
        end as bucket,
        fees.amount_local
    from fees
    left join orders
        on
            fees.system = orders.system
            and fees.native_order_id = orders.native_order_id
    inner join as_of
        on
            orders.native_order_id is null
            or orders.is_test
            or orders.ordered_date > as_of.as_of_date
            or {{ business_date('fees.charged_at') }} > as_of.as_of_date

    union all

    select
        'shop' as system,
        'order_events' as subject,
        case
            when orders.native_order_id is null then 'event_without_order'
            when orders.is_test then 'test_order'
            else 'after_as_of_date'
        end as bucket,
        cast(null as decimal(38, 4)) as amount_local
    from order_events
    left join orders
        on
            orders.system = 'shop'
            and order_events.native_order_id = orders.native_order_id
    inner join as_of
        on
            orders.native_order_id is null
            or orders.is_test
            or orders.ordered_date > as_of.as_of_date
            or order_events.occurred_date > as_of.as_of_date

    union all

    select
        orders.system,
        {{ staged_table('orders', 'orders.system') }} as subject,
        case when orders.is_test then 'test_order' else 'after_as_of_date' end as bucket,
        orders.header_net_amount_local as amount_local
    from orders
    inner join as_of
        on
            orders.is_test
            or orders.ordered_date > as_of.as_of_date

    union all

    select
        known_records.system,
        {{ staged_table('customers', 'known_records.system') }} as subject,
        'after_as_of_date' as bucket,
        cast(null as decimal(38, 4)) as amount_local
    from known_records
    inner join as_of
        on {{ business_date('known_records.registered_at') }} > as_of.as_of_date

    union all

    select
        'crm' as system,
        'identifiers' as subject,
        'identifier_without_record' as bucket,
        cast(null as decimal(38, 4)) as amount_local
    from crm_identifiers
    left join known_records
        on
            crm_identifiers.system = known_records.system
            and crm_identifiers.native_customer_id = known_records.native_customer_id
    where known_records.record_key is null

    union all

    select
        'crm' as system,
        'relationships' as subject,
        case
            when {{ business_date('crm_relationships.created_at') }} > as_of.as_of_date
                then 'after_as_of_date'
            else 'relationship_without_record'
        end as bucket,
        cast(null as decimal(38, 4)) as amount_local
    from crm_relationships
    cross join as_of
    left join records
        on
            crm_relationships.system = records.system
            and crm_relationships.native_customer_id = records.native_customer_id
    left join records as related_records
        on
            crm_relationships.related_system = related_records.system
            and crm_relationships.related_native_customer_id = related_records.native_customer_id
    where
        {{ business_date('crm_relationships.created_at') }} > as_of.as_of_date
        or records.record_key is null
        or related_records.record_key is null

    {% for system, subject, noun, date in [
        ('crm', 'loyalty_points', 'points', 'occurred_date'),
        ('crm', 'surveys', 'survey', 'asked_date'),
        ('crm', 'tickets', 'ticket', 'opened_date'),
        ('crm', 'interactions', 'interaction', 'started_date'),
        ('crm', 'social_profiles', 'social_profile', 'observed_date'),
        ('shop', 'reviews', 'review', 'written_date'),
        ('crm', 'campaign_contacts', 'contact', 'assigned_date'),
    ] %}
        union all

        select
            '{{ system }}' as system,
            '{{ subject }}' as subject,
            case
                when {{ subject }}.{{ date }} > as_of.as_of_date then 'after_as_of_date'
                else '{{ noun }}_without_record'
            end as bucket,
            cast(null as decimal(38, 4)) as amount_local
        from {{ subject }}
        cross join as_of
        left join records
            on
                {{ "'shop'" if subject == 'reviews' else subject ~ '.system' }} = records.system
                and {{ subject }}.native_customer_id = records.native_customer_id
        where
            {{ subject }}.{{ date }} > as_of.as_of_date
            or records.record_key is null

    {% endfor %}
    union all

    select
        'app' as system,
        'events' as subject,
        'after_as_of_date' as bucket,
        cast(null as decimal(38, 4)) as amount_local
    from app_events
    inner join as_of
        on app_events.occurred_date > as_of.as_of_date
),

final as (
    select
        'outside_facts' as topic,
        system,
        subject,
        bucket,
        count(*) as rows_count,
        sum(amount_local) as amount_local,
        cast(null as decimal(38, 4)) as amount
    from rows_outside
    group by system, subject, bucket
)

select * from final
