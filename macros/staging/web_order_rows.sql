{% macro web_order_rows(orders, status_words, type_words, country_names, customer_number) %}
{#-
    The query of a staging model of orders that are placed on the web and carry a status word, in the shape of an order
    document: accepted rows, in their newest version. The shop and the marketplace deliver the same columns but for the
    customer's number.
-#}
with

orders as (select * from {{ orders }}),

status_words as (select * from {{ status_words }}),

type_words as (select * from {{ type_words }}),

country_names as (select * from {{ country_names }}),

versions as (
    select
        orders.*,
        status_words.status as mapped_status,
        status_words.is_paid as is_paid_by_status,
        coalesce(status_words.is_paid, orders.status is null) as may_be_paid,
        coalesce(status_words.is_refunded, false) as is_refunded_by_status,
        coalesce(status_words.is_cancelled, false) or orders.cancelled_at is not null as is_cancelled,
        -- a word that the seed does not know says nothing: it is never a sale by default
        case
            when orders.order_type is null then 'sale'
            else coalesce(type_words.order_type, 'unmapped')
        end as mapped_order_type
    from orders
    left join status_words
        on {{ status_word('orders.status') }} = status_words.status_word
    left join type_words
        on {{ status_word('orders.order_type') }} = type_words.order_type_word
),

-- When it was first delivered, first as paid, first as cancelled, and first as refunded.
earlier_versions as (
    {{ earlier_versions(
        'versions',
        'order_id',
        {
            'paid_load_day': 'may_be_paid',
            'cancelled_load_day': 'is_cancelled',
            'refunded_load_day': 'is_refunded_by_status',
        },
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
        versions.mapped_order_type as order_type,
        versions.order_type as order_type_word,
        versions.status as status_word,
        versions.mapped_status as status,
        versions.currency,
        versions.coupon_code,
        cast(null as string) as payment_method,
        versions.payment_method as chosen_payment_method,
        country_names.country_code as delivery_country_code,
        versions.delivery_region,
        versions.delivery_city,
        versions.delivery_address,
        versions.delivery_postcode,

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
        case
            when not versions.is_refunded_by_status then null
            when versions.updated_at is not null then {{ business_date('versions.updated_at') }}
            else versions.ordered_date
        end as refunded_date,
        {{ first_load_date('versions._load_date', 'earlier_versions.first_load_day') }} as first_load_date,
        {{ first_load_date(
            'versions._load_date', 'earlier_versions.paid_load_day', said='versions.may_be_paid'
        ) }} as paid_load_date,
        {{ first_load_date(
            'versions._load_date', 'earlier_versions.cancelled_load_day', said='versions.is_cancelled'
        ) }} as cancelled_load_date,
        {{ first_load_date(
            'versions._load_date',
            'earlier_versions.refunded_load_day',
            said='versions.is_refunded_by_status',
        ) }} as refunded_load_date
    from versions
    left join earlier_versions
        on versions.order_id = earlier_versions.order_id
    left join country_names
        on lower(versions.delivery_country) = country_names.country_name
    where versions.row_status = 'accepted'
)

select * from final
{%- endmacro %}
