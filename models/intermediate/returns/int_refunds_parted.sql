with

refunds as (select * from {{ ref('int_refunds_matched') }}),

orders as (select * from {{ ref('int_orders_priced') }}),

payments as (select * from {{ ref('int_payments_valued') }}),

-- What was paid in the order's own currency; a converted sum would differ by rates.
paid_totals as (
    select
        order_key,
        sum(amount_local) as paid_amount_local
    from payments
    where
        payment_type = 'payment'
        and is_succeeded
        and order_key is not null
    group by order_key
    having count(*) = count(case when amount_local = amount_order_currency then 1 end)
),

-- The goods that an order sold, and all that it was paid with: the charges that it tells, or what
-- was paid beyond its goods.
totals as (
    select
        orders.order_key,
        orders.shipping_amount_local,
        greatest(orders.net_amount_local + orders.return_net_amount_local, 0)
            as goods_amount_local,
        greatest(
            orders.net_amount_local + orders.return_net_amount_local,
            orders.total_amount_local + orders.return_net_amount_local,
            coalesce(paid_totals.paid_amount_local, 0),
            0
        ) as total_amount_local
    from orders
    left join paid_totals
        on orders.order_key = paid_totals.order_key
),

-- A refund that tells its parts is taken at its word.
told as (
    select
        refunds.payment_key,
        refunds.order_key,
        refunds.amount_local,
        refunds.amount_order_currency,
        refunds.paid_at,
        case
            when
                refunds.match_rule = 'cash_side'
                or refunds.order_key is null
                or refunds.amount_order_currency is null
                then coalesce(refunds.told_goods_amount_local, refunds.amount_local)
            else refunds.told_goods_amount_local
        end as goods_amount_local,
        totals.shipping_amount_local,
        totals.goods_amount_local as order_goods_amount_local,
        totals.total_amount_local as order_total_amount_local
    from refunds
    left join totals
        on refunds.order_key = totals.order_key
),

-- A refund of exactly the shipping, or of exactly all that is not goods, gives just that back.
-- Several such refunds of one order would give it back twice: the first one counts.
charges_back as (
    select
        payment_key,
        row_number() over (
            partition by order_key
            order by paid_at asc nulls last, payment_key asc nulls last
        ) as charge_rank
    from told
    where
        goods_amount_local is null
        and amount_order_currency <> order_goods_amount_local
        and amount_order_currency > 0
        and order_total_amount_local > order_goods_amount_local
        and amount_order_currency in (
            shipping_amount_local, order_total_amount_local - order_goods_amount_local
        )
),

known as (
    select
        told.payment_key,
        told.order_key,
        told.amount_local,
        told.amount_order_currency,
        told.paid_at,
        case when charges_back.payment_key is not null then 0 else told.goods_amount_local end
            as goods_amount_local,
        told.order_goods_amount_local,
        told.order_total_amount_local
    from told
    left join charges_back
        on
            told.payment_key = charges_back.payment_key
            and charges_back.charge_rank = 1
),

-- What is left of an order after them is shared by the refunds that tell nothing.
known_totals as (
    select
        order_key,
        sum(amount_order_currency) as amount_local,
        sum({{ share_of_amount('amount_order_currency', 'goods_amount_local', 'amount_local') }})
            as goods_amount_local
    from known
    where
        goods_amount_local is not null
        and order_key is not null
    group by order_key
),

shared as (
    select
        known.payment_key,
        known.amount_local,
        known.amount_order_currency,
        greatest(
            known.order_total_amount_local - coalesce(known_totals.amount_local, 0), 0
        ) as total_left,
        greatest(
            least(
                known.order_goods_amount_local - coalesce(known_totals.goods_amount_local, 0),
                known.order_total_amount_local - coalesce(known_totals.amount_local, 0)
            ), 0
        ) as goods_left,
        sum(known.amount_order_currency) over (
            partition by known.order_key
            order by known.paid_at asc nulls last, known.payment_key asc nulls last
            rows between unbounded preceding and current row
        ) as amount_until
    from known
    left join known_totals
        on known.order_key = known_totals.order_key
    where known.goods_amount_local is null
),

-- Parts are differences of running shares, so that a full refund takes back all goods, to the last
-- digit. What goes back beyond the whole order is lost revenue.
parted as (
    select
        payment_key,
        amount_local,
        amount_order_currency,
        {% for until in ['amount_until', '(amount_until - amount_order_currency)'] %}
            case
                when goods_left = total_left then {{ until }}
                when {{ until }} >= total_left then goods_left + {{ until }} - total_left
                else {{ share_of_amount('goods_left', until, 'total_left') }}
            end {{ 'as goods_until,' if loop.first else 'as goods_before' }}
        {% endfor %}
    from shared
),

goods as (
    select
        payment_key,
        goods_amount_local
    from known
    where goods_amount_local is not null

    union all

    select
        payment_key,
        case
            when amount_local = amount_order_currency then goods_until - goods_before
            else
                {{ share_of_amount(
                    'amount_local', '(goods_until - goods_before)', 'amount_order_currency'
                ) }}
        end as goods_amount_local
    from parted
),

final as (
    select
        -- keys
        refunds.payment_key,
        refunds.order_key,
        refunds.record_key,

        -- attributes
        refunds.match_rule,
        refunds.currency,

        -- measures
        refunds.amount_local,
        refunds.amount,
        cast(goods.goods_amount_local as decimal(38, 4)) as goods_amount_local,
        cast(
            case
                when goods.goods_amount_local = refunds.amount_local
                    then refunds.amount_order_currency
                when refunds.amount_local = refunds.amount_order_currency
                    then goods.goods_amount_local
                else
                    {{ share_of_amount(
                        'refunds.amount_order_currency', 'goods.goods_amount_local',
                        'refunds.amount_local'
                    ) }}
            end as decimal(38, 4)
        ) as goods_amount_order_currency,

        -- dates and timestamps
        refunds.paid_date,
        refunds.first_load_date
    from refunds
    inner join goods
        on refunds.payment_key = goods.payment_key
)

select * from final
