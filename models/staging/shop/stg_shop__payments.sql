with

payments as (select * from {{ ref('base_shop__payments') }}),

status_words as (select * from {{ ref('payment_status_map') }}),

type_words as (select * from {{ ref('payment_type_words') }}),

-- The money moved where both words say so: an authorisation that succeeded has moved none.
versions as (
    select
        payments.*,
        type_words.payment_type as mapped_payment_type,
        status_words.status as mapped_status,
        coalesce(status_words.is_succeeded, payments.status is null)
        and coalesce(type_words.is_money_moved, true) as is_succeeded,
        coalesce(status_words.is_refunded, false) as is_refunded_by_status
    from payments
    left join status_words
        on {{ status_word('payments.status') }} = status_words.status_word
    left join type_words
        on {{ status_word('payments.payment_type') }} = type_words.payment_type_word
),

-- When it was first delivered as having succeeded, or not.
earlier_versions as (
    select
        payment_id,
        is_succeeded,
        min({{ load_day('_load_date') }}) as first_load_day
    from versions
    where row_status = 'superseded'
    group by payment_id, is_succeeded
),

final as (
    select
        -- keys
        versions.payment_id as native_payment_id,
        versions.order_id as native_order_id,
        versions.customer_id as native_customer_id,
        'shop:' || versions.product_id as product_id,

        -- attributes
        -- a word that the seed does not know says nothing: it is never a payment by default
        case
            when versions.payment_type is not null and versions.mapped_payment_type is null
                then 'unmapped'
            when versions.mapped_payment_type = 'other' then 'other'
            when versions.amount < 0 then 'refund'
            else coalesce(versions.mapped_payment_type, 'payment')
        end as payment_type,
        versions.payment_type as payment_type_word,
        versions.status as status_word,
        case
            when versions.is_succeeded then 'succeeded'
            when versions.mapped_status = 'failed' then 'failed'
            else 'pending'
        end as status,
        versions.method,
        versions.currency,

        -- measures
        abs(versions.amount) as amount_local,
        abs(versions.goods_amount) as goods_amount_local,
        abs(versions.shipping_amount) as shipping_amount_local,
        abs(versions.tax_amount) as tax_amount_local,
        versions.quantity,
        cast(versions.installments_count as bigint) as installments_count,

        -- flags
        versions.is_succeeded,
        versions.status is not null and versions.mapped_status is null as is_status_unmapped,

        -- dates and timestamps
        versions.paid_at,
        versions.paid_date,
        versions.updated_at,
        case
            when not versions.is_refunded_by_status then null
            when versions.updated_at is not null then {{ business_date('versions.updated_at') }}
            else versions.paid_date
        end as refunded_date,
        {{ first_load_date('versions._load_date', 'earlier_versions.first_load_day') }}
            as first_load_date
    from versions
    left join earlier_versions
        on
            versions.payment_id = earlier_versions.payment_id
            and versions.is_succeeded = earlier_versions.is_succeeded
    where versions.row_status = 'accepted'
)

select * from final
