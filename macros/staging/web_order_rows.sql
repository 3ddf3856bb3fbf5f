{% macro web_order_rows(orders, status_words, customer_number) %}
{#-
    The query of a staging model of orders that are placed on the web and carry a status word, in the shape of an order
    document: accepted rows, in their newest version. The shop and the marketplace deliver the same columns but for the
    customer's number.
-#}
with

orders as (select * from {{ orders }}),

status_words as (select * from {{ status_words }}),

versions as (
    select
        orders.*,
        status_words.status as mapped_status,
        status_words.is_paid as is_paid_by_status,
        coalesce(status_words.is_paid, true) as may_be_paid,
        coalesce(status_words.is_cancelled, false) or orders.cancelled_at is not null as is_cancelled
    from orders
    left join status_words
        on {{ status_word('orders.status') }} = status_words.status_word
),

-- When it was first delivered, first as paid, and first as cancelled.
earlier_versions as (
    {{ earlier_versions(
        'versions', 'order_id', {'paid_load_day': 'may_be_paid', 'cancelled_load_day': 'is_cancelled'}
    ) }}
),

final as (
    select
        -- keys
        versions.order_id as native_order_id,
        versions.{{ customer_number }} as native_customer_id,
        versions.original_order_id as original_native_order_id,
        cast(null as string) as native_store_id,
        versions.seller_id as native_seller_id,

        -- attributes
        coalesce(lower(versions.order_type), 'sale') as order_type,
        versions.status as status_word,
        versions.mapped_status as status,
        versions.currency,
        versions.coupon_code,
        cast(null as string) as payment_method,

        -- measures
        versions.gross_amount as header_gross_amount_local,
        versions.discount_amount as header_discount_amount_local,
        versions.net_amount as header_net_amount_local,
        versions.shipping_amount as header_shipping_amount_local,
        versions.tax_amount as header_tax_amount_local,
        versions.tip_amount as header_tip_amount_local,

        -- flags
        versions.is_paid_by_status,
        versions.is_cancelled,
        coalesce(versions.prices_include_tax, false) as prices_include_tax,
        coalesce(versions.is_test, false) as is_test,

        -- dates and timestamps
        versions.ordered_at,
        versions.ordered_date,
        versions.cancelled_at,
        versions.approved_at,
        versions.shipped_at,
        versions.delivered_at,
        versions.promised_at,
        versions.updated_at,
        {{ first_load_date('versions._load_date', 'earlier_versions.first_load_day') }} as first_load_date,
        {{ first_load_date(
            'versions._load_date', 'earlier_versions.paid_load_day', said='versions.may_be_paid'
        ) }} as paid_load_date,
        {{ first_load_date(
            'versions._load_date', 'earlier_versions.cancelled_load_day', said='versions.is_cancelled'
        ) }} as cancelled_load_date
    from versions
    left join earlier_versions
        on versions.order_id = earlier_versions.order_id
    where versions.row_status = 'accepted'
)

select * from final
{%- endmacro %}
