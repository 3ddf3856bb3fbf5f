with

orders as (select * from {{ ref('base_marketplace__orders') }}),

status_words as (select * from {{ ref('order_status_map') }}),

-- When it was first delivered, first as paid, and first as cancelled.
earlier_versions as (
    select
        orders.order_id,
        min({{ load_day('orders._load_date') }}) as first_load_day,
        min(
            case
                when coalesce(status_words.is_paid, true) then {{ load_day('orders._load_date') }}
            end
        ) as paid_load_day,
        min(
            case
                when coalesce(status_words.is_cancelled, false) or orders.cancelled_at is not null
                    then {{ load_day('orders._load_date') }}
            end
        ) as cancelled_load_day
    from orders
    left join status_words
        on {{ status_word('orders.status') }} = status_words.status_word
    where orders.row_status = 'superseded'
    group by orders.order_id
),

final as (
    select
        -- keys
        orders.order_id as native_order_id,
        orders.buyer_id as native_customer_id,
        orders.original_order_id as original_native_order_id,
        cast(null as string) as native_store_id,

        -- attributes
        coalesce(lower(orders.order_type), 'sale') as order_type,
        orders.status as status_word,
        status_words.status,
        orders.currency,
        orders.coupon_code,
        cast(null as string) as payment_method,

        -- measures
        orders.gross_amount as header_gross_amount_local,
        orders.discount_amount as header_discount_amount_local,
        orders.net_amount as header_net_amount_local,

        -- flags
        status_words.is_paid as is_paid_by_status,
        coalesce(status_words.is_cancelled, false) or orders.cancelled_at is not null
            as is_cancelled,

        -- dates and timestamps
        orders.ordered_at,
        orders.ordered_date,
        orders.cancelled_at,
        orders.updated_at,
        {{ first_load_date('orders._load_date', 'earlier_versions.first_load_day') }}
            as first_load_date,
        {{ first_load_date(
            'orders._load_date', 'earlier_versions.paid_load_day',
            said='coalesce(status_words.is_paid, true)'
        ) }} as paid_load_date,
        {{ first_load_date(
            'orders._load_date', 'earlier_versions.cancelled_load_day',
            said='coalesce(status_words.is_cancelled, false) or orders.cancelled_at is not null'
        ) }} as cancelled_load_date
    from orders
    left join status_words
        on {{ status_word('orders.status') }} = status_words.status_word
    left join earlier_versions
        on orders.order_id = earlier_versions.order_id
    where orders.row_status = 'accepted'
)

select * from final
