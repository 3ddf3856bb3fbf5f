{% set systems = staged_models('coupon_redemptions') %}
with

{% for system, model in systems.items() %}
    {{ system }}_redemptions as (select * from {{ ref(model) }}),

{% endfor %}
order_coupons as (select * from {{ ref('int_order_coupons_judged') }}),

coupons as (select * from {{ ref('int_coupons_unioned') }}),

orders as (select * from {{ ref('int_orders_valued') }}),

records as (select * from {{ ref('int_records_clustered') }}),

fx_rates as (select * from {{ ref('int_fx_rates_daily') }}),

redemptions as (
    {% for system in systems %}
        select
            '{{ system }}' as system,
            native_order_id,
            coupon_code,
            coupon_issue_id,
            currency,
            discount_amount_local
        from {{ system }}_redemptions
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

-- What is told of redemptions goes before what the order names. Of several spellings of a code in
-- one order the first counts.
told as (
    select
        orders.order_key,
        lower(redemptions.coupon_code) as lower_code,
        redemptions.coupon_issue_id,
        {{ in_reporting_currency(
            'redemptions.discount_amount_local',
            rate_or_one("coalesce(redemptions.currency, orders.currency)", 'fx_rates.rate')
        ) }} as discount_amount,
        row_number() over (
            partition by orders.order_key, lower(redemptions.coupon_code)
            order by redemptions.coupon_code asc nulls last
        ) as redemption_rank
    from redemptions
    inner join orders
        on
            redemptions.system = orders.system
            and redemptions.native_order_id = orders.native_order_id
    left join fx_rates
        on
            coalesce(redemptions.currency, orders.currency) = fx_rates.currency
            and orders.ordered_date = fx_rates.valid_date
),

-- Codes may differ by case alone: the newest coupon counts.
ranked_coupons as (
    select
        coupon_id,
        lower(coupon_code) as lower_code,
        valid_from_date,
        valid_to_date,
        row_number() over (
            partition by lower(coupon_code)
            order by valid_from_date desc nulls last, coupon_id asc nulls last
        ) as coupon_rank
    from coupons
),

named as (
    select
        order_key,
        lower(coupon_code) as lower_code,
        coupon_id,
        coupon_status
    from order_coupons
),

first_told as (
    select *
    from told
    where redemption_rank = 1
),

used as (
    select
        coalesce(named.order_key, first_told.order_key) as order_key,
        coalesce(named.lower_code, first_told.lower_code) as lower_code,
        named.coupon_id as named_coupon_id,
        named.coupon_status as named_coupon_status,
        first_told.coupon_issue_id,
        first_told.discount_amount
    from named
    full outer join first_told
        on
            named.order_key = first_told.order_key
            and named.lower_code = first_told.lower_code
),

counted as (
    select
        *,
        count(*) over (partition by order_key) as coupons_count
    from used
),

final as (
    select
        -- keys
        counted.order_key,
        counted.lower_code,
        coalesce(counted.named_coupon_id, ranked_coupons.coupon_id) as coupon_id,
        counted.coupon_issue_id,
        records.customer_id,

        -- measures
        -- Where it is not told, the coupons of an order share its discount.
        coalesce(
            counted.discount_amount,
            {{ divide('orders.discount_amount', 'counted.coupons_count', 'decimal(38, 4)') }}
        ) as discount_amount,
        orders.realised_amount,
        cast(orders.realised_amount - orders.cost_amount - orders.fee_amount as decimal(38, 4))
            as margin_amount,

        -- flags
        coalesce(
            counted.named_coupon_status = 'outside_validity',
            orders.ordered_date < ranked_coupons.valid_from_date
            or orders.ordered_date > ranked_coupons.valid_to_date,
            false
        ) as is_outside_validity,

        -- dates and timestamps
        orders.ordered_date
    from counted
    inner join orders
        on counted.order_key = orders.order_key
    left join records
        on orders.record_key = records.record_key
    left join ranked_coupons
        on
            counted.lower_code = ranked_coupons.lower_code
            and ranked_coupons.coupon_rank = 1
    where orders.is_paid
)

select * from final
