with

coupons as (select * from {{ ref('dim_coupons') }}),

redemptions as (select * from {{ ref('int_coupon_redemptions_valued') }}),

issues as (select * from {{ ref('int_coupon_issues_seen') }}),

risk_reasons as (select * from {{ ref('customer_risk_reasons') }}),

suspects as (
    select customer_id
    from risk_reasons
    where reason_code = 'coupon_ring'
    group by customer_id
),

issue_totals as (
    select
        lower_code,
        count(*) as issues_count,
        count(*) filter (where is_for_everybody) as issues_to_everybody_count,
        count(distinct customer_id) as issued_customers_count
    from issues
    group by lower_code
),

-- To whom a code was given, one row each.
holders as (
    select
        lower_code,
        customer_id,
        min(issued_date) as first_issued_date
    from issues
    where customer_id is not null
    group by lower_code, customer_id
),

named_issues as (
    select
        coupon_issue_id,
        lower_code,
        min(customer_id) as issue_customer_id
    from issues
    group by coupon_issue_id, lower_code
),

-- A code may be given to some by name and be public too: only a named issue says whose it was.
judged as (
    select
        redemptions.coupon_id,
        redemptions.order_key,
        redemptions.customer_id,
        redemptions.discount_amount,
        redemptions.realised_amount,
        redemptions.margin_amount,
        redemptions.is_outside_validity,
        holders.customer_id is not null as is_holder,
        coalesce(named_issues.issue_customer_id <> redemptions.customer_id, false)
            as is_of_somebody_else,
        suspects.customer_id is not null as is_of_suspect
    from redemptions
    left join holders
        on
            redemptions.lower_code = holders.lower_code
            and redemptions.customer_id = holders.customer_id
            and redemptions.ordered_date >= holders.first_issued_date
    left join named_issues
        on
            redemptions.coupon_issue_id = named_issues.coupon_issue_id
            and redemptions.lower_code = named_issues.lower_code
    left join suspects
        on redemptions.customer_id = suspects.customer_id
    where redemptions.coupon_id is not null
),

uses as (
    select
        coupon_id,
        count(*) as paid_orders_count,
        count(distinct customer_id) as customers_count,
        count(distinct case when is_holder then customer_id end) as redeeming_customers_count,
        sum(discount_amount) as discount_amount,
        sum(realised_amount) as realised_amount,
        count(margin_amount) as orders_with_margin_count,
        sum(margin_amount) as margin_amount,
        sum(case when margin_amount is not null then discount_amount end)
            as discount_with_margin_amount,
        count(*) filter (where is_outside_validity) as outside_validity_orders_count,
        count(*) filter (where is_of_somebody_else) as orders_of_others_count,
        count(*) filter (where is_of_suspect) as orders_of_suspects_count,
        count(*) filter (where is_outside_validity or is_of_somebody_else or is_of_suspect)
            as abuse_orders_count
    from judged
    group by coupon_id
),

final as (
    select
        -- keys
        coupons.coupon_id,

        -- attributes
        coupons.coupon_code,
        coupons.coupon_name,
        coupons.coupon_type,

        -- measures
        cast(coalesce(issue_totals.issues_count, 0) as bigint) as issues_count,
        cast(coalesce(issue_totals.issues_to_everybody_count, 0) as bigint)
            as issues_to_everybody_count,
        cast(coalesce(issue_totals.issued_customers_count, 0) as bigint)
            as issued_customers_count,
        cast(coalesce(uses.redeeming_customers_count, 0) as bigint) as redeeming_customers_count,
        cast(coalesce(uses.paid_orders_count, 0) as bigint) as paid_orders_count,
        cast(coalesce(uses.customers_count, 0) as bigint) as customers_count,
        {{ divide(
            '100 * coalesce(uses.redeeming_customers_count, 0)',
            'issue_totals.issued_customers_count'
        ) }} as redeemed_pct,
        cast(coalesce(uses.discount_amount, 0) as decimal(38, 4)) as discount_amount,
        cast(coalesce(uses.realised_amount, 0) as decimal(38, 4)) as realised_amount,
        cast(coalesce(uses.orders_with_margin_count, 0) as bigint) as orders_with_margin_count,
        cast(uses.margin_amount as decimal(38, 4)) as margin_amount,
        -- Of the share s of its orders that would not have come without it, each brings the
        -- margin; each of the others costs the discount: s × margin = (1 - s) × discount.
        case
            when uses.margin_amount > 0
                then
                    {{ divide(
                        '100 * uses.discount_with_margin_amount',
                        'uses.margin_amount + uses.discount_with_margin_amount'
                    ) }}
        end as break_even_pct,
        cast(coalesce(uses.outside_validity_orders_count, 0) as bigint)
            as outside_validity_orders_count,
        cast(coalesce(uses.orders_of_others_count, 0) as bigint) as orders_of_others_count,
        cast(coalesce(uses.orders_of_suspects_count, 0) as bigint) as orders_of_suspects_count,
        cast(coalesce(uses.abuse_orders_count, 0) as bigint) as abuse_orders_count,

        -- dates and timestamps
        coupons.valid_from_date,
        coupons.valid_to_date
    from coupons
    left join issue_totals
        on lower(coupons.coupon_code) = issue_totals.lower_code
    left join uses
        on coupons.coupon_id = uses.coupon_id
)

select * from final
