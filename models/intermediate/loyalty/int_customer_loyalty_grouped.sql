{% set conditions = {
    'paid_orders': 'paid_orders_count',
    'paid_orders_30d': 'paid_orders_30d_count',
    'recommendations': 'recommendations_count',
    'goodwill_signs': 'goodwill_signs_count',
    'product_views_30d': 'product_views_30d_count',
    'cart_adds_30d': 'cart_adds_30d_count',
} %}
with

purchases as (select * from {{ ref('int_customer_purchases') }}),

records as (select * from {{ ref('int_records_clustered') }}),

orders as (select * from {{ ref('int_orders_valued') }}),

visit_days as (select * from {{ ref('int_record_visits_daily') }}),

as_of as (select * from {{ ref('int_as_of') }}),

surveys as (select * from {{ ref('int_surveys_judged') }}),

inviters as (select * from {{ ref('int_customer_inviters') }}),

survived as (select * from {{ ref('int_customer_attributes_survived') }}),

loyalty_groups as (select * from {{ ref('loyalty_groups') }}),

-- A score that does not belong to the question is not counted.
answers as (
    select
        records.customer_id,
        surveys.survey_kind,
        surveys.score_group,
        surveys.score,
        surveys.answered_at,
        row_number() over (
            partition by records.customer_id, surveys.survey_kind
            order by surveys.answered_at desc nulls last, surveys.survey_id desc nulls last
        ) as answer_rank
    from surveys
    inner join records
        on surveys.record_key = records.record_key
    where surveys.score_group <> 'outside'
),

satisfaction as (
    select
        customer_id,
        max(case when survey_kind = 'nps' and answer_rank = 1 then score_group end)
            as last_nps_group,
        max(case when survey_kind = 'nps' and answer_rank = 1 then score end) as last_nps_score,
        max(case when survey_kind = 'nps' then answered_at end) as last_nps_answered_at,
        {{ divide(
            "sum(case when survey_kind = 'csat' then score end)",
            "count(*) filter (where survey_kind = 'csat')"
        ) }} as mean_csat_score,
        count(*) as survey_answers_count
    from answers
    group by customer_id
),

referrals as (
    select
        inviters.inviter_customer_id as customer_id,
        count(*) as invited_customers_count,
        count(*) filter (where purchases.paid_orders_count > 0) as invited_buyers_count
    from inviters
    inner join purchases
        on inviters.customer_id = purchases.customer_id
    group by inviters.inviter_customer_id
),

permissions as (
    select
        customer_id,
        count(*) as permissions_count
    from survived
    where
        attribute in ('has_email_consent', 'has_sms_consent')
        and attribute_value = 'true'
    group by customer_id
),

recent_orders as (
    select
        records.customer_id,
        count(*) as paid_orders_30d_count
    from orders
    cross join as_of
    inner join records
        on orders.record_key = records.record_key
    where
        orders.is_paid
        and {{ in_window('orders.ordered_date', 'as_of.as_of_date', '30d') }}
    group by records.customer_id
),

recent_visits as (
    select
        records.customer_id,
        sum(visit_days.product_views_count) as product_views_30d_count,
        sum(visit_days.cart_adds_count) as cart_adds_30d_count,
        sum(visit_days.favourites_count) as favourites_30d_count
    from visit_days
    cross join as_of
    inner join records
        on visit_days.record_key = records.record_key
    where {{ in_window('visit_days.activity_date', 'as_of.as_of_date', '30d') }}
    group by records.customer_id
),

measured as (
    select
        purchases.customer_id,
        satisfaction.last_nps_group,
        purchases.paid_orders_count,
        coalesce(recent_orders.paid_orders_30d_count, 0) as paid_orders_30d_count,
        coalesce(referrals.invited_customers_count, 0) as invited_customers_count,
        coalesce(referrals.invited_buyers_count, 0) as invited_buyers_count,
        coalesce(referrals.invited_customers_count, 0)
        + case when satisfaction.last_nps_group = 'promoter' then 1 else 0 end
            as recommendations_count,
        coalesce(permissions.permissions_count, 0)
        + case when satisfaction.last_nps_group = 'promoter' then 1 else 0 end
        + case when recent_visits.customer_id is not null then 1 else 0 end
        + case when recent_visits.favourites_30d_count > 0 then 1 else 0 end
            as goodwill_signs_count,
        coalesce(recent_visits.product_views_30d_count, 0) as product_views_30d_count,
        coalesce(recent_visits.cart_adds_30d_count, 0) as cart_adds_30d_count,
        satisfaction.last_nps_score,
        satisfaction.mean_csat_score,
        coalesce(satisfaction.survey_answers_count, 0) as survey_answers_count,
        satisfaction.last_nps_answered_at
    from purchases
    left join satisfaction
        on purchases.customer_id = satisfaction.customer_id
    left join referrals
        on purchases.customer_id = referrals.customer_id
    left join permissions
        on purchases.customer_id = permissions.customer_id
    left join recent_orders
        on purchases.customer_id = recent_orders.customer_id
    left join recent_visits
        on purchases.customer_id = recent_visits.customer_id
),

-- The groups whose conditions all hold; the last group has no conditions.
held as (
    select
        measured.customer_id,
        min(loyalty_groups.priority) as priority,
        {% for group in ['loyal', 'potential', 'hesitant'] %}
            max(case when loyalty_groups.loyalty_group = '{{ group }}' then 1 else 0 end) = 1
                as is_{{ group }}
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from measured
    inner join loyalty_groups
        on
            {% for name, measure in conditions.items() %}
                measured.{{ measure }} >= coalesce(loyalty_groups.minimum_{{ name }}, 0)
                and measured.{{ measure }}
                <= coalesce(loyalty_groups.maximum_{{ name }}, measured.{{ measure }})
                {% if not loop.last %}and{% endif %}
            {% endfor %}
    group by measured.customer_id
),

final as (
    select
        -- keys
        measured.customer_id,

        -- attributes
        loyalty_groups.loyalty_group,
        measured.last_nps_group,

        -- measures
        {% for measure in [
            'paid_orders_30d', 'invited_customers', 'invited_buyers', 'recommendations',
            'goodwill_signs', 'product_views_30d', 'cart_adds_30d', 'survey_answers'
        ] %}
            cast(measured.{{ measure }}_count as bigint) as {{ measure }}_count,
        {% endfor %}
        measured.last_nps_score,
        measured.mean_csat_score,

        -- flags
        held.is_loyal,
        held.is_potential,
        held.is_hesitant,

        -- dates and timestamps
        measured.last_nps_answered_at
    from measured
    inner join held
        on measured.customer_id = held.customer_id
    inner join loyalty_groups
        on held.priority = loyalty_groups.priority
)

select * from final
