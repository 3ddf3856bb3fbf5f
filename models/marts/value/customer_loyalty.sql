{% set point_measures = [
    'points_earned',
    'points_earned_365d',
    'points_adjusted',
    'points_spent',
    'points_expired',
    'points_balance',
] %}
with

purchases as (select * from {{ ref('int_customer_purchases') }}),

records as (select * from {{ ref('int_records_clustered') }}),

orders as (select * from {{ ref('int_orders_valued') }}),

order_lines as (select * from {{ ref('int_order_lines_valued') }}),

products as (select * from {{ ref('int_products_unioned') }}),

as_of as (select * from {{ ref('int_as_of') }}),

ledger as (select * from {{ ref('int_loyalty_points_ledger') }}),

tier_changes as (select * from {{ ref('int_customer_tier_changes') }}),

loyalty_grouped as (select * from {{ ref('int_customer_loyalty_grouped') }}),

first_sightings as (
    select
        customer_id,
        min(first_seen_at) as first_seen_at
    from records
    group by customer_id
),

customer_orders as (
    select
        orders.order_key,
        records.customer_id,
        orders.system,
        orders.is_paid,
        orders.ordered_date,
        orders.realised_amount,
        row_number() over (
            partition by records.customer_id, orders.is_paid
            order by orders.ordered_at asc nulls last, orders.order_key asc nulls last
        ) as order_number
    from orders
    inner join records
        on orders.record_key = records.record_key
),

purchase_totals as (
    select
        customer_id,
        count(*) as paid_orders_count,
        count(distinct ordered_date) as purchase_days_count,
        count(distinct system) as channels_used_count,
        {{ text_list('system') }} as channels,
        min(ordered_date) as first_paid_order_date,
        max(case when order_number = 2 then ordered_date end) as second_paid_order_date,
        max(ordered_date) as last_paid_order_date
    from customer_orders
    where is_paid
    group by customer_id
),

-- All documents of a channel: a return without its order lowers the amount as well.
channel_totals as (
    select
        customer_id,
        system,
        count(*) filter (where is_paid) as paid_orders_count,
        greatest(coalesce(sum(realised_amount), 0), 0) as realised_amount
    from customer_orders
    group by customer_id, system
),

channels_ranked as (
    select
        customer_id,
        system,
        realised_amount,
        sum(realised_amount) over (partition by customer_id) as all_realised_amount,
        row_number() over (
            partition by customer_id
            order by
                realised_amount desc nulls last,
                paid_orders_count desc nulls last,
                system asc nulls last
        ) as channel_rank
    from channel_totals
    where paid_orders_count > 0
),

-- What the customer paid for and keeps. Cash that went back without the goods is not taken off.
kept_goods as (
    select
        customer_orders.customer_id,
        products.brand,
        {{ in_reporting_currency(
            'order_lines.net_amount_local - order_lines.returned_amount_local',
            'order_lines.fx_rate'
        ) }} as kept_amount
    from order_lines
    inner join customer_orders
        on order_lines.order_key = customer_orders.order_key
    inner join products
        on order_lines.product_key = products.product_key
    where
        order_lines.line_type = 'sale'
        and customer_orders.is_paid
        and products.product_type = 'goods'
),

brand_totals as (
    select
        customer_id,
        brand,
        greatest(coalesce(sum(kept_amount), 0), 0) as kept_amount
    from kept_goods
    group by customer_id, brand
),

brand_shares as (
    select
        customer_id,
        brand,
        kept_amount,
        sum(kept_amount) over (partition by customer_id) as all_kept_amount
    from brand_totals
),

brands_ranked as (
    select
        customer_id,
        brand,
        kept_amount,
        all_kept_amount,
        row_number() over (
            partition by customer_id
            order by kept_amount desc nulls last, brand asc nulls last
        ) as brand_rank
    from brand_shares
    where
        brand is not null
        and kept_amount > 0
),

point_totals as (
    select
        records.customer_id,
        sum(case when ledger.entry_kind = 'earn' then ledger.points else 0 end) as points_earned,
        sum(
            case
                when
                    ledger.entry_kind = 'earn'
                    and {{ in_window('ledger.occurred_date', 'as_of.as_of_date', '365d') }}
                    then ledger.points
                else 0
            end
        ) as points_earned_365d,
        sum(
            case when ledger.entry_kind in ('adjust', 'other') then ledger.points else 0 end
        ) as points_adjusted,
        -sum(case when ledger.entry_kind = 'spend' then ledger.points else 0 end) as points_spent,
        -sum(case when ledger.entry_kind = 'expire' then ledger.points else 0 end)
            as points_expired,
        sum(ledger.points) as points_balance
    from ledger
    cross join as_of
    inner join records
        on ledger.record_key = records.record_key
    group by records.customer_id
),

tiers as (
    select
        customer_id,
        max(case when is_latest then loyalty_tier end) as loyalty_tier,
        max(case when is_latest then change_date end) as tier_since_date,
        max(case when change_type = 'upgraded' then change_date end) as last_tier_upgrade_date,
        max(case when change_type = 'downgraded' then change_date end) as last_tier_downgrade_date
    from tier_changes
    group by customer_id
),

final as (
    select
        -- keys
        purchases.customer_id,
        purchases.as_of_date,

        -- attributes
        purchase_totals.channels,
        channels_ranked.system as main_channel,
        brands_ranked.brand as main_brand,
        tiers.loyalty_tier,
        loyalty_grouped.last_nps_group,
        loyalty_grouped.loyalty_group,

        -- measures
        cast(coalesce(purchase_totals.paid_orders_count, 0) as bigint) as paid_orders_count,
        cast(coalesce(purchase_totals.purchase_days_count, 0) as bigint) as purchase_days_count,
        cast(coalesce(purchase_totals.channels_used_count, 0) as bigint) as channels_used_count,
        purchases.realised_amount,
        cast(channels_ranked.realised_amount as decimal(38, 4)) as main_channel_amount,
        -- multiplied after the division, so that the share of everything is exactly 100
        100 * {{ divide(
            'channels_ranked.realised_amount', 'channels_ranked.all_realised_amount'
        ) }} as main_channel_share_pct,
        cast(brands_ranked.kept_amount as decimal(38, 4)) as main_brand_amount,
        100 * {{ divide('brands_ranked.kept_amount', 'brands_ranked.all_kept_amount') }}
            as main_brand_share_pct,
        {{ divide(
            days_between(
                'purchase_totals.first_paid_order_date', 'purchase_totals.last_paid_order_date'
            ),
            'purchase_totals.purchase_days_count - 1'
        ) }} as mean_between_purchases_days,
        {{ days_between(
            'purchase_totals.first_paid_order_date', 'purchase_totals.second_paid_order_date'
        ) }} as first_to_second_order_days,
        {{ days_between(business_date('first_sightings.first_seen_at'), 'purchases.as_of_date') }}
            as tenure_days,
        {{ days_between('purchase_totals.first_paid_order_date', 'purchases.as_of_date') }}
            as since_first_paid_order_days,
        {% for measure in point_measures %}
            cast(coalesce(point_totals.{{ measure }}, 0) as decimal(38, 4)) as {{ measure }},
        {% endfor %}
        loyalty_grouped.last_nps_score,
        loyalty_grouped.mean_csat_score,
        loyalty_grouped.survey_answers_count,
        loyalty_grouped.invited_customers_count,
        loyalty_grouped.invited_buyers_count,
        loyalty_grouped.recommendations_count,
        loyalty_grouped.goodwill_signs_count,

        -- flags
        coalesce(purchase_totals.paid_orders_count >= 2, false) as is_repeat,
        -- null as long as the days are not over
        case
            when
                {{ days_between(
                    'purchase_totals.first_paid_order_date',
                    'purchase_totals.second_paid_order_date'
                ) }} <= {{ window_days('90d') }}
                then true
            when
                {{ days_between('purchase_totals.first_paid_order_date', 'purchases.as_of_date') }}
                >= {{ window_days('90d') }}
                then false
        end as is_repeat_within_90d,
        loyalty_grouped.is_loyal,
        loyalty_grouped.is_potential,
        loyalty_grouped.is_hesitant,

        -- dates and timestamps
        tiers.tier_since_date,
        tiers.last_tier_upgrade_date,
        tiers.last_tier_downgrade_date,
        loyalty_grouped.last_nps_answered_at
    from purchases
    left join first_sightings
        on purchases.customer_id = first_sightings.customer_id
    left join purchase_totals
        on purchases.customer_id = purchase_totals.customer_id
    left join channels_ranked
        on
            purchases.customer_id = channels_ranked.customer_id
            and channels_ranked.channel_rank = 1
    left join brands_ranked
        on
            purchases.customer_id = brands_ranked.customer_id
            and brands_ranked.brand_rank = 1
    left join point_totals
        on purchases.customer_id = point_totals.customer_id
    left join tiers
        on purchases.customer_id = tiers.customer_id
    left join loyalty_grouped
        on purchases.customer_id = loyalty_grouped.customer_id
)

select * from final
