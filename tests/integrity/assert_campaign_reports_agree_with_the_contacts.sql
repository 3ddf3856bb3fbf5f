{% set schemes = ['everybody', 'purchase_state', 'rfm_segment'] %}
with

contacts as (select * from {{ ref('fct_campaign_contacts') }}),

report as (select * from {{ ref('rpt_campaign_performance') }}),

fatigue as (select * from {{ ref('rpt_campaign_fatigue') }}),

-- Customers of one group count once, by their first contact.
expected as (
    {% for scheme in schemes %}
        select
            contacts.campaign_id,
            '{{ scheme }}' as scheme,
            count(*) as contacts_count,
            count(*) filter (where contacts.is_sent) as sent_contacts_count,
            count(*) filter (
                where contacts.is_first_of_customer and not contacts.is_in_several_arms
            ) as customers_count,
            coalesce(
                sum(contacts.paid_orders_count) filter (
                    where contacts.is_first_of_customer and not contacts.is_in_several_arms
                ), 0
            ) as paid_orders_count,
            coalesce(
                sum(contacts.realised_amount) filter (
                    where contacts.is_first_of_customer and not contacts.is_in_several_arms
                ), 0
            ) as realised_amount
        from contacts
        group by contacts.campaign_id
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

reported as (
    select
        campaign_id,
        scheme,
        sum(contacts_count) as contacts_count,
        sum(sent_contacts_count) as sent_contacts_count,
        sum(customers_count) as customers_count,
        sum(paid_orders_count) as paid_orders_count,
        sum(realised_amount) as realised_amount
    from report
    group by campaign_id, scheme
),

answered as (
    select
        count(*) as contacts_count,
        coalesce(sum(realised_amount), 0) as realised_amount
    from contacts
    where is_sent and not is_holdout and is_window_over and customer_id is not null
),

tiring as (
    select
        coalesce(sum(contacts_count), 0) as contacts_count,
        coalesce(sum(realised_amount), 0) as realised_amount
    from fatigue
),

final as (
    select
        coalesce(expected.campaign_id, reported.campaign_id) as campaign_id,
        coalesce(expected.scheme, reported.scheme) as scheme
    from expected
    full outer join reported
        on
            expected.campaign_id = reported.campaign_id
            and expected.scheme = reported.scheme
    where
        expected.campaign_id is null
        or reported.campaign_id is null
        or expected.contacts_count <> reported.contacts_count
        or expected.sent_contacts_count <> reported.sent_contacts_count
        or expected.customers_count <> reported.customers_count
        or expected.paid_orders_count <> reported.paid_orders_count
        or expected.realised_amount <> reported.realised_amount

    union all

    select
        cast(null as string) as campaign_id,
        'fatigue' as scheme
    from answered
    cross join tiring
    where
        answered.contacts_count <> tiring.contacts_count
        or answered.realised_amount <> tiring.realised_amount
)

select * from final
