with

payments as (select * from {{ ref('base_shop__payments') }}),

status_words as (select * from {{ ref('payment_status_map') }}),

-- When it was first delivered as having succeeded, or not.
earlier_versions as (
    select
        payments.payment_id,
        coalesce(status_words.is_succeeded, payments.status is null) as is_succeeded,
        min({{ load_day('payments._load_date') }}) as first_load_day
    from payments
    left join status_words
        on {{ status_word('payments.status') }} = status_words.status_word
    where payments.row_status = 'superseded'
    group by
        payments.payment_id,
        coalesce(status_words.is_succeeded, payments.status is null)
),

final as (
    select
        -- keys
        payments.payment_id as native_payment_id,
        payments.order_id as native_order_id,
        payments.customer_id as native_customer_id,
        'shop:' || payments.product_id as product_id,

        -- attributes
        case
            when payments.amount < 0 or lower(payments.payment_type) = 'refund' then 'refund'
            else 'payment'
        end as payment_type,
        payments.status as status_word,
        case
            when payments.status is null then 'succeeded'
            else coalesce(status_words.status, 'pending')
        end as status,
        payments.method,
        payments.currency,

        -- measures
        abs(payments.amount) as amount_local,
        abs(payments.goods_amount) as goods_amount_local,
        abs(payments.shipping_amount) as shipping_amount_local,
        abs(payments.tax_amount) as tax_amount_local,
        payments.quantity,
        cast(payments.installments_count as bigint) as installments_count,

        -- flags
        coalesce(status_words.is_succeeded, payments.status is null) as is_succeeded,
        payments.status is not null and status_words.status is null as is_status_unmapped,

        -- dates and timestamps
        payments.paid_at,
        payments.paid_date,
        payments.updated_at,
        {{ first_load_date('payments._load_date', 'earlier_versions.first_load_day') }}
            as first_load_date
    from payments
    left join status_words
        on {{ status_word('payments.status') }} = status_words.status_word
    left join earlier_versions
        on
            payments.payment_id = earlier_versions.payment_id
            and coalesce(status_words.is_succeeded, payments.status is null)
            = earlier_versions.is_succeeded
    where payments.row_status = 'accepted'
)

select * from final
