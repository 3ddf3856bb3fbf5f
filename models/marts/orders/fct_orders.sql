with

orders as (select * from {{ ref('int_orders_valued') }}),

-- Read apart: the orders above are wide, and would be kept in memory to be joined with themselves.
originals as (select * from {{ ref('int_orders_valued') }}),

order_coupons as (select * from {{ ref('int_order_coupons_judged') }}),

records as (select * from {{ ref('int_records_clustered') }}),

final as (
    select
        -- keys
        orders.order_id,
        records.customer_id,
        records.record_id,
        orders.system,
        orders.native_order_id,
        originals.order_id as original_order_id,
        orders.store_id,
        orders.seller_id,
        order_coupons.coupon_id,

        -- attributes
        case
            when orders.record_key is null then 'guest'
            when records.is_inferred then 'inferred'
            else 'known'
        end as customer_kind,
        orders.order_type,
        orders.status,
        orders.status_word,
        orders.open_reason,
        orders.currency,
        orders.payment_method,
        orders.coupon_code,
        order_coupons.coupon_type,
        coalesce(order_coupons.coupon_status, 'none') as coupon_status,

        -- measures in the reporting currency, at the rate of the order's day
        {% for amount in order_amounts() %}
            orders.{{ amount }}_amount,
        {% endfor %}
        {% for charge in charge_kinds() %}
            orders.{{ charge }}_amount,
        {% endfor %}
        orders.total_amount,
        cast(orders.cost_amount as decimal(38, 4)) as cost_amount,
        orders.fee_amount,
        cast(
            orders.realised_amount - orders.cost_amount - orders.fee_amount as decimal(38, 4)
        ) as margin_amount,

        -- measures in the order's own currency
        {% for amount in order_amounts() %}
            orders.{{ amount }}_amount_local,
        {% endfor %}
        {% for charge in charge_kinds() %}
            orders.{{ charge }}_amount_local,
        {% endfor %}
        orders.total_amount_local,
        orders.fx_rate,
        orders.lines_count,
        orders.items_count,
        orders.installments_count,
        coalesce(order_coupons.codes_count, 0) as coupons_count,

        -- flags
        orders.is_paid,
        orders.is_cancelled,
        orders.has_amount,
        orders.fx_rate is not null as has_fx_rate,

        -- dates and timestamps
        orders.ordered_at,
        orders.ordered_date,
        orders.cancelled_at,
        orders.approved_at,
        orders.shipped_at,
        orders.delivered_at,
        orders.promised_at
    from orders
    left join records
        on orders.record_key = records.record_key
    left join originals
        on orders.original_order_key = originals.order_key
    left join order_coupons
        on
            orders.order_key = order_coupons.order_key
            and order_coupons.code_rank = 1
)

select * from final
