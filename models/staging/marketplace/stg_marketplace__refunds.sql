with

orders as (select * from {{ ref('base_marketplace__orders') }}),

-- When it was first delivered with a refund.
earlier_versions as (
    {{ earlier_versions(
        'orders', 'order_id', {'refunded_load_day': 'refund_amount <> 0'}
    ) }}
),

final as (
    select
        -- keys
        orders.order_id || ':refund' as native_payment_id,
        orders.order_id as native_order_id,
        orders.buyer_id as native_customer_id,
        cast(null as string) as product_id,

        -- attributes
        'refund' as payment_type,
        cast(null as string) as payment_type_word,
        cast(null as string) as status_word,
        'succeeded' as status,
        'platform' as method,
        orders.currency,

        -- measures
        abs(orders.refund_amount) as amount_local,
        abs(orders.refund_goods_amount) as goods_amount_local,
        abs(orders.refund_shipping_amount) as shipping_amount_local,
        abs(orders.refund_tax_amount) as tax_amount_local,
        cast(null as decimal(38, 4)) as quantity,
        cast(null as bigint) as installments_count,

        -- flags
        true as is_succeeded,
        false as is_status_unmapped,

        -- dates and timestamps
        coalesce(orders.refunded_at, orders.updated_at, orders.ordered_at) as paid_at,
        case
            when orders.refunded_at is not null then orders.refunded_date
            when orders.updated_at is not null then {{ business_date('orders.updated_at') }}
            else orders.ordered_date
        end as paid_date,
        orders.updated_at,
        cast(null as date) as refunded_date,
        {{ first_load_date('orders._load_date', 'earlier_versions.refunded_load_day') }}
            as first_load_date
    from orders
    left join earlier_versions
        on orders.order_id = earlier_versions.order_id
    where
        orders.row_status = 'accepted'
        and orders.refund_amount <> 0
)

select * from final
