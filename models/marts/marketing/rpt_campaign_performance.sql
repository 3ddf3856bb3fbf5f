{% set schemes = {
    'everybody': "'everybody'",
    'purchase_state': 'purchase_state',
    'rfm_segment': 'rfm_segment'
} %}
{% set steps = ['sent', 'delivered', 'opened', 'clicked', 'unsubscribed'] %}
{% set lifts = [
    'response_lift_points', 'lower_response_lift_points', 'upper_response_lift_points',
    'smallest_response_lift_points', 'response_p_value', 'response_holm_p_value',
    'realised_lift_amount', 'lower_realised_lift_amount', 'upper_realised_lift_amount',
    'smallest_realised_lift_amount', 'realised_p_value', 'realised_holm_p_value'
] %}
with

contacts as (select * from {{ ref('int_campaign_contacts_seen') }}),

customers as (select * from {{ ref('int_campaign_customers') }}),

totals as (select * from {{ ref('int_campaign_arm_totals') }}),

splits as (select * from {{ ref('int_campaign_splits_tested') }}),

lifts as (select * from {{ ref('int_campaign_lifts_measured') }}),

campaigns as (select * from {{ ref('int_campaigns_described') }}),

-- A contact of nobody who is known has no segment.
described as (
    select
        contacts.campaign_id,
        contacts.arm,
        contacts.is_holdout,
        contacts.is_window_over,
        {% for step in steps %}
            contacts.is_{{ step }},
        {% endfor %}
        contacts.customer_id,
        contacts.contact_rank,
        contacts.is_in_several_arms,
        coalesce(customers.purchase_state, 'not_known') as purchase_state,
        coalesce(customers.rfm_segment, 'not_known') as rfm_segment
    from contacts
    left join customers
        on
            contacts.campaign_id = customers.campaign_id
            and contacts.customer_id = customers.customer_id
),

contact_totals as (
    {% for scheme, segment in schemes.items() %}
        select
            campaign_id,
            '{{ scheme }}' as scheme,
            {{ segment }} as segment,
            arm,
            bool_or(is_holdout) as is_holdout,
            count(*) as contacts_count,
            {% for step in steps %}
                count(*) filter (where is_{{ step }}) as {{ step }}_contacts_count,
            {% endfor %}
            count(*) filter (where customer_id is null) as unknown_contacts_count,
            count(distinct case when is_in_several_arms then customer_id end)
                as several_arms_customers_count,
            bool_and(is_window_over) as is_window_over
        from described
        group by {% if scheme != 'everybody' %}{{ segment }}, {% endif %}campaign_id, arm
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

-- A lift has two groups: it is measured when the windows of both are over.
paired_totals as (
    select
        *,
        is_window_over
        and coalesce(
            bool_and(case when is_holdout then is_window_over end) over (
                partition by campaign_id, scheme, segment
            ),
            true
        ) as are_both_windows_over
    from contact_totals
),

-- The fixed cost is shared out by contacts that are not held out.
campaign_totals as (
    select
        campaign_id,
        count(*) as all_contacts_count
    from contacts
    where not is_holdout
    group by campaign_id
),

-- A group of whom nobody can be counted, since all are unknown or in several groups, has zeros.
joined as (
    select
        paired_totals.*,
        campaigns.campaign_name,
        campaigns.campaign_channel,
        campaigns.campaign_kind,
        campaigns.start_date,
        campaigns.window_days,
        splits.split_p_value,
        coalesce(totals.customers_count, 0) as customers_count,
        coalesce(totals.responders_count, 0) as responders_count,
        coalesce(totals.paid_orders_count, 0) as paid_orders_count,
        coalesce(totals.orders_without_amount_count, 0) as orders_without_amount_count,
        coalesce(totals.realised_amount, 0) as realised_amount,
        coalesce(lifts.holdout_customers_count, 0) as holdout_customers_count,
        lifts.holdout_responders_count,
        lifts.holdout_response_share,
        lifts.holdout_mean_amount,
        lifts.orders_without_amount_count as compared_orders_without_amount_count,
        {% for lift in lifts %}
            lifts.{{ lift }} as measured_{{ lift }},
        {% endfor %}
        case
            when paired_totals.is_holdout then cast(0 as decimal(38, 4))
            when campaigns.cost_amount is not null or campaigns.contact_cost_amount is not null
                then
                    cast(
                        {{ share_of_amount(
                            'coalesce(campaigns.cost_amount, 0)', 'paired_totals.contacts_count',
                            'campaign_totals.all_contacts_count'
                        ) }}
                        + case
                            when campaigns.is_contact_cost_in_cost then 0
                            else coalesce(campaigns.contact_cost_amount, 0)
                        end
                        * paired_totals.sent_contacts_count
                        as decimal(38, 4)
                    )
        end as cost_amount,
        case
            when paired_totals.is_holdout then 'holdout'
            when coalesce(lifts.holdout_customers_count, 0) = 0 then 'no_holdout'
            when splits.split_p_value < {{ var('split_p_value') }} then 'split_broken'
            when not paired_totals.are_both_windows_over then 'window_open'
            when lifts.realised_p_value is null and lifts.response_p_value is null then 'too_few'
            else 'measured'
        end as lift_status
    from paired_totals
    inner join campaigns
        on paired_totals.campaign_id = campaigns.campaign_id
    left join campaign_totals
        on paired_totals.campaign_id = campaign_totals.campaign_id
    left join splits
        on paired_totals.campaign_id = splits.campaign_id
    left join totals
        on
            paired_totals.campaign_id = totals.campaign_id
            and paired_totals.scheme = totals.scheme
            and paired_totals.segment = totals.segment
            and paired_totals.arm = totals.arm
    left join lifts
        on
            paired_totals.campaign_id = lifts.campaign_id
            and paired_totals.scheme = lifts.scheme
            and paired_totals.segment = lifts.segment
            and paired_totals.arm = lifts.arm
),

-- No hold-out, no lift; and none where the groups were not drawn as planned.
claimed as (
    select
        joined.*,
        {% for lift in lifts %}
            case
                when joined.lift_status in ('measured', 'window_open', 'too_few')
                    then joined.measured_{{ lift }}
            end as {{ lift }},
        {% endfor %}
        case
            when joined.lift_status in ('holdout', 'no_holdout', 'split_broken', 'window_open')
                then joined.lift_status
            when joined.measured_response_p_value is null then 'too_few'
        end as response_unjudged_reason,
        case
            when joined.lift_status in ('holdout', 'no_holdout', 'split_broken')
                then joined.lift_status
            when joined.compared_orders_without_amount_count > 0 then 'orders_without_amount'
            when joined.lift_status = 'window_open' then joined.lift_status
            when joined.measured_realised_p_value is null then 'too_few'
        end as realised_unjudged_reason
    from joined
),

final as (
    select
        -- keys
        campaign_id,
        scheme,
        segment,
        arm,

        -- attributes
        campaign_name,
        campaign_channel,
        campaign_kind,
        lift_status,
        response_unjudged_reason,
        realised_unjudged_reason,

        -- measures of the contacts
        cast(contacts_count as bigint) as contacts_count,
        {% for step in steps %}
            cast({{ step }}_contacts_count as bigint) as {{ step }}_contacts_count,
        {% endfor %}
        cast(unknown_contacts_count as bigint) as unknown_contacts_count,
        cast(several_arms_customers_count as bigint) as several_arms_customers_count,

        -- measures of the customers of one group
        cast(customers_count as bigint) as customers_count,
        cast(responders_count as bigint) as responders_count,
        cast(paid_orders_count as bigint) as paid_orders_count,
        cast(orders_without_amount_count as bigint) as orders_without_amount_count,
        cast(realised_amount as decimal(38, 4)) as realised_amount,
        {{ divide('100 * responders_count', 'customers_count') }} as response_pct,
        {{ divide('realised_amount', 'customers_count') }} as realised_per_customer_amount,

        -- measures of the hold-out
        cast(holdout_customers_count as bigint) as holdout_customers_count,
        100 * holdout_response_share as holdout_response_pct,
        holdout_mean_amount as holdout_realised_per_customer_amount,

        -- measures of the lift
        split_p_value,
        {% for lift in lifts %}
            {{ lift }},
        {% endfor %}
        {{ divide('response_lift_points * customers_count', '100') }} as extra_responders_count,
        realised_lift_amount * customers_count as extra_realised_amount,
        cost_amount,
        realised_lift_amount * customers_count - cast(cost_amount as double)
            as extra_realised_after_cost_amount,

        -- flags
        coalesce(response_unjudged_reason is null and response_holm_p_value < 0.05, false)
            as is_response_lift_sure,
        coalesce(realised_unjudged_reason is null and realised_holm_p_value < 0.05, false)
            as is_realised_lift_sure,
        is_window_over,

        -- dates and timestamps
        start_date
    from claimed
)

select * from final
