-- One row per order: what it is worth, whether it is paid, and what became of the money.

create temp table paid_orders as
with status_words as (
    select * from read_csv(getvariable('seeds') || '/staging/payment_status_map.csv')
),
type_words as (
    select * from read_csv(getvariable('seeds') || '/staging/payment_type_words.csv')
),
judged as (
    select
        payments.payment_id, orders.order_id, payments.method, payments.installments_count, payments.paid_at,
        abs(payments.amount) as amount_local,
        coalesce(status_words.is_succeeded, payments.status is null)
        and coalesce(type_words.is_money_moved, true) as is_succeeded,
        payments.status is not null and status_words.status is null as is_status_unmapped,
        case
            when payments.payment_type is not null and type_words.payment_type is null then 'unmapped'
            when type_words.payment_type = 'other' then 'other'
            when payments.amount < 0 then 'refund'
            else coalesce(type_words.payment_type, 'payment')
        end as payment_type,
        orders.currency as order_currency,
        case when orders.currency = 'CNY' then 1 else order_rates.rate end as order_rate,
        coalesce(upper(payments.currency), orders.currency) as currency,
        case when coalesce(upper(payments.currency), orders.currency) = 'CNY' then 1 else rates.rate end as rate
    from payments
    inner join seen_orders as orders on orders.system = 'shop' and payments.order_id = orders.native_order_id
    left join status_words on word(payments.status) = status_words.status_word
    left join type_words on word(payments.payment_type) = type_words.payment_type_word
    left join rates as order_rates
        on orders.currency = order_rates.currency and orders.ordered_date = order_rates.valid_date
    left join rates
        on coalesce(upper(payments.currency), orders.currency) = rates.currency
        and cast(payments.paid_at as date) = rates.valid_date
    where cast(payments.paid_at as date) <= getvariable('as_of')
),
valued as (
    select
        *,
        case
            when currency = order_currency then amount_local
            else cast(round(amount_local * rate / order_rate, 4) as decimal(18, 4))
        end as amount
    from judged
)
select
    order_id,
    count(*) filter (where payment_type = 'payment') > 0 as has_payments,
    count(*) filter (where payment_type = 'unmapped') > 0 as has_unmapped_payments,
    coalesce(bool_or(is_status_unmapped) filter (where payment_type = 'payment'), false) as has_unmapped_status,
    coalesce(bool_or(is_succeeded) filter (where payment_type = 'payment'), false) as has_succeeded,
    coalesce(sum(amount) filter (where payment_type = 'payment' and is_succeeded), 0) as paid_amount,
    max(installments_count) filter (where payment_type = 'payment' and is_succeeded) as installments_count,
    arg_max(method, (amount, -epoch_us(paid_at)))
        filter (where payment_type = 'payment' and is_succeeded and method is not null) as method
from valued
group by order_id;

create table orders as
with line_totals as (
    select
        order_id,
        count(*) as lines_count,
        count(*) filter (where line_type <> 'charge') as goods_lines_count,
        count(*) filter (where line_type = 'sale') as sale_lines_count,
        count(*) filter (where quantity < 0) as lines_back_count,
        sum(case when line_type = 'charge' then 0 else gross_amount end) as gross_amount,
        sum(case when line_type = 'charge' then 0 else discount_amount end) as discount_amount,
        sum(case when line_type = 'charge' then 0 else net_amount end) as net_amount,
        coalesce(sum(gross_amount) filter (where line_type = 'charge'), 0) as charge_gross_amount,
        coalesce(sum(net_amount) filter (where line_type = 'charge'), 0) as charge_net_amount,
        sum(net_amount) filter (where charge_kind = 'shipping') as shipping_amount,
        sum(net_amount) filter (where charge_kind = 'tax') as tax_amount,
        sum(net_amount) filter (where charge_kind = 'tip') as tip_amount,
        sum(net_amount) filter (where charge_kind = 'gift_card') as gift_card_amount,
        sum(net_amount) filter (where charge_kind in ('packaging', 'surcharge')) as other_charge_amount,
        sum(case when line_type = 'sale' and charge_kind is null then quantity else 0 end) as items_count,
        coalesce(-sum(gross_amount) filter (where line_type = 'return'), 0) as return_gross_amount,
        coalesce(-sum(net_amount) filter (where line_type = 'return'), 0) as return_net_amount
    from signed_lines
    group by order_id
),
line_costs as (
    select order_id, case when count(*) = count(cost_amount) then sum(cost_amount) end as cost_amount
    from order_lines
    group by order_id
),
fee_totals as (
    select
        orders.order_id,
        case
            when bool_and(coalesce(upper(fees.currency), orders.currency) = 'CNY' or rates.rate is not null)
                then
                    sum(
                        round(
                            fees.amount * case
                                when coalesce(upper(fees.currency), orders.currency) = 'CNY' then 1 else rates.rate
                            end, 4
                        )
                    )
        end as fee_amount
    from fees
    inner join seen_orders as orders
        on fees.system = orders.system and fees.order_id = orders.native_order_id
    left join rates
        on coalesce(upper(fees.currency), orders.currency) = rates.currency
        and orders.ordered_date = rates.valid_date
    where
        fees.charged_at is null
        or cast(fees.charged_at as date) <= getvariable('as_of')
        or cast(fees.charged_at as date) > fees.load_date + 1
    group by orders.order_id
),
refund_totals as (
    select order_id, sum(amount_local) as refunded_amount
    from refunds
    where is_counted and order_id is not null
    group by order_id
),
applied as (
    select return_order_id, sum(amount_local) as applied_return_amount
    from allocations
    where sale_order_id is not null
    group by return_order_id
),
gathered as (
    select
        orders.*, records.customer_id, records.record_id, records.is_inferred,
        lines.* exclude (
            order_id, gross_amount, discount_amount, net_amount, shipping_amount, tax_amount, tip_amount
        ),
        lines.gross_amount as line_gross, lines.discount_amount as line_discount, lines.net_amount as line_net,
        lines.shipping_amount as line_shipping, lines.tax_amount as line_tax, lines.tip_amount as line_tip,
        paid.* exclude (order_id),
        line_costs.cost_amount as line_cost_amount,
        case when fee_totals.order_id is null then 0 else fee_totals.fee_amount end as fee_amount,
        coalesce(refund_totals.refunded_amount, 0) as refunded_amount,
        coalesce(applied.applied_return_amount, 0) as applied_return_amount,
        case when orders.currency = 'CNY' then 1 else rates.rate end as rate,
        case
            when orders.mapped_type = 'return' then 'return'
            when lines.goods_lines_count > 0 and lines.sale_lines_count = 0 then 'return'
            when lines.goods_lines_count = 0 and lines.lines_back_count = lines.lines_count then 'return'
            when lines.lines_count is null and coalesce(orders.net_amount, orders.gross_amount) < 0 then 'return'
            when orders.mapped_type in ('sale', 'service') then orders.mapped_type
            else 'unmapped'
        end as order_type
    from seen_orders as orders
    left join line_totals as lines on orders.order_id = lines.order_id
    left join line_costs on orders.order_id = line_costs.order_id
    left join paid_orders as paid on orders.order_id = paid.order_id
    left join fee_totals on orders.order_id = fee_totals.order_id
    left join refund_totals on orders.order_id = refund_totals.order_id
    left join applied on orders.order_id = applied.return_order_id
    left join rates on orders.currency = rates.currency and orders.ordered_date = rates.valid_date
    left join records
        on orders.system = records.system and orders.native_customer_id = records.native_customer_id
),
signed as (
    select
        * exclude (gross_amount, discount_amount, net_amount, shipping_amount, tax_amount, tip_amount),
        case when order_type = 'return' then -abs(gross_amount) else gross_amount end as header_gross,
        case when order_type = 'return' then -abs(discount_amount) else discount_amount end as header_discount,
        case when order_type = 'return' then -abs(net_amount) else net_amount end as header_net,
        case when order_type = 'return' then -abs(shipping_amount) else shipping_amount end as header_shipping,
        case when order_type = 'return' then -abs(tax_amount) else tax_amount end as header_tax,
        case when order_type = 'return' then -abs(tip_amount) else tip_amount end as header_tip,
        coalesce(charge_gross_amount, 0) as line_charge_gross,
        coalesce(charge_net_amount, 0) as line_charge_net
    from gathered
),
goods as (
    select
        *,
        header_gross - case
            when
                header_gross <> line_gross
                and abs(header_gross - line_gross - line_charge_gross) <= 0.01 * lines_count
                then line_charge_gross
            else 0
        end as goods_gross,
        header_net - case
            when
                header_net + coalesce(header_discount, 0) <> line_net
                and abs(header_net + coalesce(header_discount, 0) - line_net - line_charge_net) <= 0.01 * lines_count
                then line_charge_net
            else 0
        end as goods_net,
        case when prices_include_tax and line_tax is null then coalesce(header_tax, 0) else 0 end as included_tax
    from signed
),
charged as (
    select
        *,
        coalesce(
            goods_net,
            goods_gross - coalesce(header_discount, line_discount, 0),
            line_net - coalesce(header_discount, 0)
        ) - included_tax as told_net,
        coalesce(goods_gross, line_gross, goods_net + coalesce(header_discount, 0)) - included_tax as told_gross,
        coalesce(header_shipping, line_shipping, 0) as shipping,
        coalesce(header_tax, line_tax, 0) as tax,
        coalesce(header_tip, line_tip, 0) as tip,
        coalesce(gift_card_amount, 0) as gift_card,
        coalesce(other_charge_amount, 0) as other_charge
    from goods
),
priced as (
    select
        *,
        case when order_type = 'return' then -abs(coalesce(told_net, 0)) else coalesce(told_net, 0) end as net,
        case
            when order_type = 'return' then -abs(coalesce(told_gross, told_net, 0))
            else coalesce(told_gross, told_net, 0)
        end as gross,
        case
            when order_type in ('return', 'unmapped') then false
            when has_payments then has_succeeded
            when status_word is null and coalesce(has_unmapped_payments, false) then false
            else is_paid_by_status
        end as has_been_paid,
        has_been_paid and not is_cancelled as is_paid
    from charged
),
settled as (
    select
        *,
        case
            when not is_cancelled then 0
            when net < 0 then net
            else greatest(net - refunded_amount, 0)
        end as cancelled,
        case
            when is_cancelled or is_paid or order_type = 'return' then 0
            else greatest(net + applied_return_amount - refunded_amount, 0)
        end as open,
        net - cancelled - refunded_amount - open + applied_return_amount as realised,
        net + shipping + tax + tip + gift_card + other_charge as total,
        case when is_cancelled or order_type = 'return' or not is_paid then 0 else line_cost_amount end as cost
    from priced
)
select
    order_id, customer_id, record_id, system, native_order_id,
    case when original_order_id in (select order_id from seen_orders) then original_order_id end
        as original_order_id,
    store_id, seller_id,
    case when native_customer_id is null then 'guest' when is_inferred then 'inferred' else 'known' end
        as customer_kind,
    order_type, status, status_word,
    case
        when open = 0 or is_cancelled or order_type = 'return' or has_been_paid then null
        when order_type = 'unmapped' then 'unknown_order_type'
        when has_payments and has_unmapped_status then 'unknown_payment_status'
        when has_payments then 'not_paid'
        when has_unmapped_payments then 'unknown_payment_type'
        when status = 'unmapped' then 'unknown_order_status'
        else 'not_paid'
    end as open_reason,
    currency, coalesce(payment_method, method) as payment_method, coupon_code,
    round(gross * rate, 4) as gross_amount,
    round((gross - net) * rate, 4) as discount_amount,
    round(net * rate, 4) as net_amount,
    round((net - coalesce(line_net, 0)) * rate, 4) as unitemised_amount,
    round(cancelled * rate, 4) as cancelled_amount,
    round(refunded_amount * rate, 4) as refunded_amount,
    round(open * rate, 4) as open_amount,
    round(applied_return_amount * rate, 4) as applied_return_amount,
    round(realised * rate, 4) as realised_amount,
    round(coalesce(paid_amount, 0) * rate, 4) as paid_amount,
    round(shipping * rate, 4) as shipping_amount,
    round(tax * rate, 4) as tax_amount,
    round(tip * rate, 4) as tip_amount,
    round(gift_card * rate, 4) as gift_card_amount,
    round(other_charge * rate, 4) as other_charge_amount,
    round(total * rate, 4) as total_amount,
    cost as cost_amount,
    fee_amount,
    round(realised * rate, 4) - cost - fee_amount as margin_amount,
    gross as gross_amount_local,
    gross - net as discount_amount_local,
    net as net_amount_local,
    net - coalesce(line_net, 0) as unitemised_amount_local,
    cancelled as cancelled_amount_local,
    refunded_amount as refunded_amount_local,
    open as open_amount_local,
    applied_return_amount as applied_return_amount_local,
    realised as realised_amount_local,
    coalesce(paid_amount, 0) as paid_amount_local,
    shipping as shipping_amount_local,
    tax as tax_amount_local,
    tip as tip_amount_local,
    gift_card as gift_card_amount_local,
    other_charge as other_charge_amount_local,
    total as total_amount_local,
    rate as fx_rate,
    coalesce(lines_count, 0) as lines_count,
    coalesce(items_count, 0) as items_count,
    cast(installments_count as bigint) as installments_count,
    is_paid, is_cancelled, told_net is not null as has_amount, rate is not null as has_fx_rate,
    ordered_at, ordered_date, cancelled_at, approved_at, shipped_at, delivered_at, promised_at,
    -- what daily activity adds on the day of the order
    case when order_type = 'return' then -gross else coalesce(return_gross_amount, 0) end as return_gross,
    case when order_type = 'return' then -net else coalesce(return_net_amount, 0) end as return_net
from settled;
