{% set attribute_names = [
    'age_band', 'natural_gender', 'shopping_gender', 'occupation', 'education', 'income', 'marital_status', 'home', 'region',
    'city_level', 'organisation_kind', 'device_brand', 'device_model', 'device_price_class', 'operating_system',
    'registration_source'
] %}
{% set kinds = ['discount', 'coupon', 'promotion', 'shipping', 'price'] %}
{% set facts = portrait_facts() %}
with

customers as (select * from {{ ref('dim_customers') }}),

attributes as (select * from {{ ref('customer_attributes') }}),

rfm as (select * from {{ ref('customer_rfm') }}),

segments as (select * from {{ ref('customer_segments') }}),

lifetime_values as (select * from {{ ref('customer_lifetime_value') }}),

loyalty as (select * from {{ ref('customer_loyalty') }}),

behavior as (select * from {{ ref('customer_behavior') }}),

behavior_30d as (select * from {{ ref('customer_behavior_30d') }}),

periods as (select * from {{ ref('customer_active_periods') }}),

preferences as (select * from {{ ref('customer_preferences') }}),

sensitivity as (select * from {{ ref('customer_sensitivity') }}),

invitations as (select * from {{ ref('customer_invitations') }}),

households as (select * from {{ ref('customer_households') }}),

risks as (select * from {{ ref('customer_risk') }}),

needs as (select * from {{ ref('customer_needs') }}),

habits as (select * from {{ ref('customer_habits') }}),

attribute_columns as (
    select
        customer_id,
        {% for attribute in attribute_names %}
            max(case when attribute = '{{ attribute }}' then attribute_value end)
                as {{ attribute }},
        {% endfor %}
        max(case when attribute = 'shopping_gender' then evidence_share_pct end)
            as shopping_gender_female_share_pct,
        max(case when attribute = 'shopping_gender' then confidence_pct end)
            as shopping_gender_confidence_pct,
        max(
            case
                when attribute = 'has_several_accounts' and attribute_value = 'true' then 1 else 0
            end
        ) = 1 as has_several_accounts
    from attributes
    group by customer_id
),

period_columns as (
    select
        customer_id,
        {% for kind in ['hour_slot', 'weekday'] %}
            max(case when period_kind = '{{ kind }}' and is_most_active then period end)
                as most_active_{{ kind }},
            max(case when period_kind = '{{ kind }}' and is_most_typical then period end)
                as most_typical_{{ kind }},
        {% endfor %}
        cast(
            sum(
                case
                    when period in ('Saturday', 'Sunday')
                        then cast(share_90d_pct as decimal(28, 10))
                    else 0
                end
            ) as double
        ) as weekend_share_90d_pct
    from periods
    group by customer_id
),

preference_columns as (
    select
        customer_id,
        {% for rank in [1, 2, 3] %}
            max(
                case
                    when dimension = 'category' and preference_rank = {{ rank }}
                        then preference_value
                end
            ) as preferred_category_{{ rank }},
        {% endfor %}
        max(case when dimension = 'category' and preference_rank = 1 then expected_share_pct end)
            as preferred_category_share_pct,
        max(case when dimension = 'category' and preference_rank = 1 then confidence_pct end)
            as preferred_category_confidence_pct,
        max(case when dimension = 'price_band' and preference_rank = 1 then confidence_pct end)
            as preferred_price_band_confidence_pct,
        {% for dimension in [
            'subcategory', 'brand', 'product', 'price_band', 'channel', 'payment_method', 'content'
        ] %}
            max(
                case
                    when dimension = '{{ dimension }}' and preference_rank = 1 then preference_value
                end
            ) as preferred_{{ dimension }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from preferences
    where preference_rank <= 3
    group by customer_id
),

-- Every source has at most one row of a customer.
gathered as (
    select
        -- keys
        customers.customer_id,
        rfm.as_of_date,
        customers.inviter_customer_id,
        households.household_id,

        -- attributes
        {% for attribute in attribute_names %}
            attribute_columns.{{ attribute }},
        {% endfor %}
        segments.rfm_segment,
        segments.fixed_rfm_segment,
        segments.value_group_en as value_group,
        segments.value_tier,
        segments.lifecycle_stage,
        segments.behavior_segment,
        segments.demographic_segment,
        lifetime_values.churn_risk_band,
        lifetime_values.next_lifecycle_stage,
        loyalty.loyalty_tier,
        loyalty.loyalty_group,
        loyalty.last_nps_group,
        loyalty.channels,
        behavior_30d.activity_level,
        period_columns.most_active_hour_slot,
        period_columns.most_typical_hour_slot,
        period_columns.most_active_weekday,
        period_columns.most_typical_weekday,
        preference_columns.preferred_category_1,
        preference_columns.preferred_category_2,
        preference_columns.preferred_category_3,
        preference_columns.preferred_subcategory,
        preference_columns.preferred_brand,
        preference_columns.preferred_product,
        preference_columns.preferred_price_band,
        preference_columns.preferred_channel,
        preference_columns.preferred_payment_method,
        preference_columns.preferred_content,
        {% for kind in kinds %}
            sensitivity.{{ kind }}_sensitivity,
        {% endfor %}
        habits.usual_payment_method,
        habits.usual_hour_slot,
        habits.usual_store_id,
        habits.usual_information_channel,
        needs.main_pain_point_kind,
        needs.likely_next_category,
        needs.satisfaction_trend,
        risks.risk_band,
        risks.reason_1_code as risk_reason_code,
        risks.reason_1_evidence as risk_reason,
        risks.list_status as risk_list_status,

        -- measures
        customers.records_count,
        customers.systems_count,
        customers.children_count,
        customers.household_size as household_members_count,
        {{ days_between(business_date('customers.registered_at'), 'rfm.as_of_date') }}
            as registration_age_days,
        attribute_columns.shopping_gender_female_share_pct,
        attribute_columns.shopping_gender_confidence_pct,
        rfm.recency_days,
        rfm.frequency,
        rfm.monetary_amount,
        rfm.recency_score,
        rfm.frequency_score,
        rfm.monetary_score,
        lifetime_values.p_alive,
        lifetime_values.expected_purchases_90d_count,
        lifetime_values.lifetime_value_amount,
        lifetime_values.churn_probability,
        lifetime_values.median_gap_days,
        lifetime_values.overdue_factor,
        loyalty.points_balance,
        loyalty.last_nps_score,
        loyalty.mean_csat_score,
        loyalty.invited_customers_count,
        loyalty.invited_buyers_count,
        loyalty.channels_used_count,
        invitations.invitation_depth,
        invitations.all_invited_customers_count,
        invitations.all_invited_realised_amount,
        households.household_customers_count,
        households.household_realised_amount,
        habits.median_view_to_purchase_days,
        habits.median_events_per_session,
        needs.open_tickets_count,
        needs.tickets_90d_count,
        needs.unmet_searches_90d_count,
        needs.open_cart_products_30d_count,
        needs.open_cart_30d_amount,
        needs.likely_next_category_pct,
        needs.last_csat_score,
        needs.mean_rating,
        needs.mean_social_sentiment,
        risks.risk_score,
        loyalty.main_brand_share_pct,
        loyalty.first_to_second_order_days,
        {% for window in ['30d', '90d', '180d'] %}
            behavior.active_days_{{ window }}_count,
            behavior.orders_{{ window }}_count,
            behavior.paid_orders_{{ window }}_count,
            behavior.realised_{{ window }}_amount,
            behavior.sessions_{{ window }}_count,
            behavior.product_views_{{ window }}_count,
            behavior.searches_{{ window }}_count,
            behavior.favourites_{{ window }}_count,
            behavior.cart_adds_{{ window }}_count,
            behavior.abandoned_cart_sessions_{{ window }}_count,
        {% endfor %}
        behavior_30d.orders_prior_30d_count,
        behavior_30d.active_days_prior_30d_count,
        behavior.orders_count,
        behavior.paid_orders_count,
        behavior.returned_orders_count,
        behavior.sessions_count,
        behavior.average_order_value_amount,
        behavior.return_rate_pct,
        behavior.cart_sessions_180d_count,
        behavior.cart_abandonment_180d_pct,
        behavior.cart_abandonment_pct,
        period_columns.weekend_share_90d_pct,
        loyalty.main_brand,
        behavior.product_views_per_session,
        behavior_30d.since_last_order_days,
        behavior_30d.since_last_visit_days,
        preference_columns.preferred_category_share_pct,
        preference_columns.preferred_category_confidence_pct,
        preference_columns.preferred_price_band_confidence_pct,
        sensitivity.discount_share_pct,
        sensitivity.mean_discount_pct,
        sensitivity.coupon_share_pct,
        sensitivity.promotion_share_pct,

        -- flags
        customers.has_email_consent,
        customers.has_sms_consent,
        coalesce(attribute_columns.has_several_accounts, false) as has_several_accounts,
        lifetime_values.is_one_timer,
        lifetime_values.is_overdue,
        loyalty.is_repeat,
        sensitivity.is_promotion_only,

        -- dates and timestamps
        segments.first_paid_order_date,
        segments.last_paid_order_date,
        lifetime_values.next_purchase_date,
        behavior.last_session_date,
        behavior.last_product_view_date,
        behavior.last_search_date,
        behavior.last_favourite_date,
        behavior.last_cart_add_date,
        behavior.last_abandoned_cart_date,
        needs.last_ticket_date,
        needs.last_complaint_date,
        {{ business_date('loyalty.last_nps_answered_at') }} as last_nps_date,
        needs.last_unmet_search_date,
        needs.last_open_cart_date,
        risks.last_evidence_date as risk_evidence_date,
        {{ add_days('rfm.as_of_date', '-behavior_30d.since_last_order_days') }} as last_order_date,
        {{ add_days('rfm.as_of_date', '-behavior_30d.since_last_visit_days') }} as last_visit_date,
        {{ business_date('customers.first_seen_at') }} as first_seen_date
    from customers
    inner join rfm
        on customers.customer_id = rfm.customer_id
    inner join segments
        on customers.customer_id = segments.customer_id
    inner join lifetime_values
        on customers.customer_id = lifetime_values.customer_id
    inner join loyalty
        on customers.customer_id = loyalty.customer_id
    inner join behavior
        on customers.customer_id = behavior.customer_id
    inner join behavior_30d
        on customers.customer_id = behavior_30d.customer_id
    inner join sensitivity
        on customers.customer_id = sensitivity.customer_id
    inner join invitations
        on customers.customer_id = invitations.customer_id
    inner join households
        on customers.customer_id = households.customer_id
    inner join risks
        on customers.customer_id = risks.customer_id
    inner join needs
        on customers.customer_id = needs.customer_id
    inner join habits
        on customers.customer_id = habits.customer_id
    left join attribute_columns
        on customers.customer_id = attribute_columns.customer_id
    left join period_columns
        on customers.customer_id = period_columns.customer_id
    left join preference_columns
        on customers.customer_id = preference_columns.customer_id
),

-- How much of what a portrait should hold is known, and the heaviest fact that is not.
completed as (
    select
        *,
        {{ divide('100 * (' ~ portrait_facts_known(facts) ~ ')', facts | sum(attribute='weight')) }}
            as completeness_pct,
        {{ portrait_gap(facts, 'fact') }} as largest_gap,
        {{ portrait_gap(facts, 'filled_from') }} as largest_gap_source
    from gathered
),

final as (
    select
        -- keys
        customer_id,
        as_of_date,

        -- who the customer is
        age_band,
        natural_gender,
        shopping_gender,
        shopping_gender_female_share_pct,
        shopping_gender_confidence_pct,
        occupation,
        education,
        income,
        marital_status,
        children_count,
        household_members_count,
        home,
        region,
        city_level,
        organisation_kind,
        demographic_segment,
        device_brand,
        device_model,
        device_price_class,
        operating_system,
        registration_source,
        registration_age_days,
        first_seen_date,
        records_count,
        systems_count,
        has_several_accounts,
        has_email_consent,
        has_sms_consent,

        -- what the customer is worth
        rfm_segment,
        fixed_rfm_segment,
        value_group,
        value_tier,
        lifecycle_stage,
        next_lifecycle_stage,
        recency_days,
        frequency,
        monetary_amount,
        recency_score,
        frequency_score,
        monetary_score,
        p_alive,
        churn_risk_band,
        churn_probability,
        expected_purchases_90d_count,
        lifetime_value_amount,
        median_gap_days,
        overdue_factor,
        next_purchase_date,
        is_one_timer,
        is_overdue,
        loyalty_tier,
        loyalty_group,
        points_balance,
        is_repeat,
        first_to_second_order_days,

        -- what the customer buys
        first_paid_order_date,
        last_paid_order_date,
        last_order_date,
        since_last_order_days,
        orders_count,
        paid_orders_count,
        returned_orders_count,
        average_order_value_amount,
        return_rate_pct,
        channels,
        channels_used_count,
        main_brand,
        main_brand_share_pct,
        orders_30d_count,
        paid_orders_30d_count,
        realised_30d_amount,
        orders_90d_count,
        paid_orders_90d_count,
        realised_90d_amount,
        orders_180d_count,
        paid_orders_180d_count,
        realised_180d_amount,
        orders_prior_30d_count,

        -- what the customer does
        activity_level,
        behavior_segment,
        last_visit_date,
        since_last_visit_days,
        last_session_date,
        last_product_view_date,
        last_search_date,
        last_favourite_date,
        last_cart_add_date,
        last_abandoned_cart_date,
        sessions_count,
        cart_sessions_180d_count,
        cart_abandonment_180d_pct,
        cart_abandonment_pct,
        product_views_per_session,
        active_days_30d_count,
        sessions_30d_count,
        product_views_30d_count,
        searches_30d_count,
        favourites_30d_count,
        cart_adds_30d_count,
        abandoned_cart_sessions_30d_count,
        active_days_90d_count,
        sessions_90d_count,
        product_views_90d_count,
        searches_90d_count,
        favourites_90d_count,
        cart_adds_90d_count,
        abandoned_cart_sessions_90d_count,
        active_days_180d_count,
        sessions_180d_count,
        product_views_180d_count,
        searches_180d_count,
        favourites_180d_count,
        cart_adds_180d_count,
        abandoned_cart_sessions_180d_count,
        active_days_prior_30d_count,
        most_active_hour_slot,
        most_typical_hour_slot,
        weekend_share_90d_pct,
        most_active_weekday,
        most_typical_weekday,

        -- what the customer likes
        preferred_category_1,
        preferred_category_2,
        preferred_category_3,
        preferred_category_share_pct,
        preferred_category_confidence_pct,
        preferred_subcategory,
        preferred_brand,
        preferred_product,
        preferred_price_band,
        preferred_price_band_confidence_pct,
        preferred_channel,
        preferred_payment_method,
        preferred_content,

        -- how the customer buys
        usual_payment_method,
        usual_hour_slot,
        usual_store_id,
        usual_information_channel,
        median_view_to_purchase_days,
        median_events_per_session,

        -- what moves the customer
        discount_sensitivity,
        coupon_sensitivity,
        promotion_sensitivity,
        shipping_sensitivity,
        price_sensitivity,
        discount_share_pct,
        mean_discount_pct,
        coupon_share_pct,
        promotion_share_pct,
        is_promotion_only,

        -- what the customer says, and whom the customer knows
        last_nps_group,
        last_nps_score,
        last_nps_date,
        mean_csat_score,
        inviter_customer_id,
        invitation_depth,
        all_invited_customers_count,
        all_invited_realised_amount,
        household_id,
        household_customers_count,
        household_realised_amount,
        invited_customers_count,
        invited_buyers_count,

        -- what the customer needs
        main_pain_point_kind,
        last_complaint_date,
        open_tickets_count,
        tickets_90d_count,
        last_ticket_date,
        unmet_searches_90d_count,
        last_unmet_search_date,
        open_cart_products_30d_count,
        open_cart_30d_amount,
        last_open_cart_date,
        likely_next_category,
        likely_next_category_pct,
        satisfaction_trend,
        last_csat_score,
        mean_rating,
        mean_social_sentiment,

        -- what may be wrong
        risk_score,
        risk_band,
        risk_reason_code,
        risk_reason,
        risk_list_status,
        risk_evidence_date,

        -- how complete the portrait is
        completeness_pct,
        largest_gap,
        largest_gap_source
    from completed
)

select * from final
