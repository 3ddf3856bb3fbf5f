with

payments as (select * from {{ ref('int_payments_valued') }}),

orders as (select * from {{ ref('int_orders_priced') }}),

settled as (select * from {{ ref('int_orders_settled') }}),

order_lines as (select * from {{ ref('int_order_lines_signed') }}),

refunds as (
    select
        payment_key,
        order_key,
        record_key,
        product_key,
        currency,
        amount_local,
        amount_order_currency,
        amount,
        -- the part for goods as the refund tells it, or what is left without shipping and tax
        case
            when goods_amount_local is not null then least(goods_amount_local, amount_local)
            when coalesce(shipping_amount_local, tax_amount_local) is not null
                then
                    greatest(
                        amount_local
                        - coalesce(shipping_amount_local, 0)
                        - coalesce(tax_amount_local, 0),
                        0
                    )
        end as told_goods_amount_local,
        quantity,
        paid_at,
        paid_date,
        first_load_date
    from payments
    where
        payment_type = 'refund'
        and is_succeeded
),

referenced as (
    select
        refunds.payment_key,
        refunds.order_key,
        refunds.amount_order_currency,
        -- money paid out on a document that takes goods back is the cash side of that return
        case
            when orders.net_amount_local < 0 and not orders.is_cancelled then 'cash_side'
            else 'reference'
        end as match_rule
    from refunds
    inner join orders
        on refunds.order_key = orders.order_key
),

refunded_orders as (
    select order_key
    from referenced
    group by order_key
),

-- A refund that names no order may belong to an earlier order of the customer that was paid and
-- that no refund names: an order with as many units of the product, or, where the refund names no
-- product, an order of the same value, of its goods or in all.
candidates as (
    select distinct
        refunds.payment_key,
        refunds.paid_at,
        refunds.amount_local,
        orders.order_key,
        orders.ordered_at,
        case when refunds.product_key is not null then 'product' else 'amount' end as match_rule
    from refunds
    inner join orders
        on
            refunds.record_key = orders.record_key
            and refunds.currency = orders.currency
            and refunds.paid_at >= orders.ordered_at
    left join order_lines
        on
            orders.order_key = order_lines.order_key
            and refunds.product_key = order_lines.product_key
            and refunds.quantity = order_lines.quantity
    left join refunded_orders
        on orders.order_key = refunded_orders.order_key
    inner join settled
        on orders.order_key = settled.order_key
    where
        refunds.order_key is null
        and orders.order_type <> 'return'
        and refunded_orders.order_key is null
        and settled.has_been_paid
        and (
            order_lines.order_line_key is not null
            or (
                refunds.product_key is null
                and refunds.amount_local in (orders.net_amount_local, orders.total_amount_local)
            )
        )
),

latest_order as (
    select
        payment_key,
        order_key,
        paid_at,
        amount_local,
        match_rule,
        row_number() over (
            partition by payment_key
            order by ordered_at desc nulls last, order_key desc nulls last
        ) as candidate_rank
    from candidates
),

-- Two refunds may point at one order: the earlier refund gets it.
first_refund as (
    select
        payment_key,
        order_key,
        amount_local,
        match_rule,
        row_number() over (
            partition by order_key
            order by paid_at asc nulls last, payment_key asc nulls last
        ) as refund_rank
    from latest_order
    where candidate_rank = 1
),

matched as (
    select
        payment_key,
        order_key,
        match_rule,
        amount_order_currency
    from referenced

    union all

    select
        payment_key,
        order_key,
        match_rule,
        amount_local as amount_order_currency
    from first_refund
    where refund_rank = 1
),

final as (
    select
        -- keys
        refunds.payment_key,
        matched.order_key,
        refunds.record_key,

        -- attributes
        coalesce(
            matched.match_rule,
            case
                when refunds.record_key is null then 'unmatched_guest'
                else 'unmatched_customer'
            end
        ) as match_rule,
        refunds.currency,

        -- measures
        refunds.amount_local,
        matched.amount_order_currency,
        refunds.amount,
        cast(refunds.told_goods_amount_local as decimal(38, 4)) as told_goods_amount_local,

        -- dates and timestamps
        refunds.paid_at,
        refunds.paid_date,
        refunds.first_load_date
    from refunds
    left join matched
        on refunds.payment_key = matched.payment_key
)

select * from final
