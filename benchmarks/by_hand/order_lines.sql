-- Orders as they were on the as-of date, their lines with amounts, and what of each line went back.

create temp table seen_orders as
with status_words as (
    select * from read_csv(getvariable('seeds') || '/staging/order_status_map.csv')
),
type_words as (
    select * from read_csv(getvariable('seeds') || '/staging/order_type_words.csv')
),
statuses as (
    select words.status as written, status_words.status, status_words.is_paid, status_words.is_cancelled
    from (select distinct status from documents) as words
    left join status_words on word(words.status) = status_words.status_word
),
types as (
    select words.order_type as written, type_words.order_type
    from (select distinct order_type from documents) as words
    left join type_words on word(words.order_type) = type_words.order_type_word
),
judged as (
    select
        documents.*,
        documents.system || ':' || documents.native_order_id as order_id,
        statuses.status as mapped_status,
        case when is_till then true else statuses.is_paid end as is_paid_by_word,
        coalesce(statuses.is_cancelled, false) or documents.cancelled_at is not null as was_cancelled,
        coalesce(cast(documents.cancelled_at as date) > getvariable('as_of'), false) as is_cancelled_later,
        case when documents.order_type is null then 'sale' else coalesce(types.order_type, 'unmapped') end
            as mapped_type
    from documents
    left join statuses on documents.status = statuses.written
    left join types on documents.order_type = types.written
    where
        not coalesce(documents.is_test, false)
        and cast(documents.ordered_at as date) <= getvariable('as_of')
)
select
    order_id, system, native_order_id, native_customer_id,
    system || ':' || original_order_id as original_order_id,
    system || ':' || store_id as store_id,
    seller_id, payment_method, coupon_code, mapped_type, status as status_word,
    case
        when was_cancelled and not is_cancelled_later then 'cancelled'
        when status is null or is_cancelled_later then 'accepted'
        else coalesce(mapped_status, 'unmapped')
    end as status,
    coalesce(is_paid_by_word, status is null) or is_cancelled_later as is_paid_by_status,
    was_cancelled and not is_cancelled_later as is_cancelled,
    coalesce(upper(currency), 'CNY') as currency,
    gross_amount, discount_amount, net_amount, shipping_amount, tax_amount, tip_amount,
    coalesce(prices_include_tax, false) as prices_include_tax,
    in_utc(ordered_at) as ordered_at,
    cast(ordered_at as date) as ordered_date,
    case when not is_cancelled_later then in_utc(cancelled_at) end as cancelled_at,
    in_utc(approved_at) as approved_at, in_utc(shipped_at) as shipped_at,
    in_utc(delivered_at) as delivered_at, in_utc(promised_at) as promised_at
from judged;

create temp table signed_lines as
with kinds as (
    select * from read_csv(getvariable('seeds') || '/staging/line_kind_words.csv')
),
typed as (
    select written, line_kind
    from (select distinct line_type as written from document_lines) as words
    inner join kinds on word(written) = kinds.line_word
),
told as (
    select written, line_kind
    from (select distinct description as written from document_lines where product_id is null) as words
    inner join kinds on word(written) = kinds.line_word
),
numbered as (
    select written, line_kind
    from (select distinct product_id as written from document_lines) as words
    inner join kinds on word(substr(written, strpos(written, ':') + 1)) = kinds.line_word
),
of_products as (
    select product_id, line_kind
    from products
    inner join kinds on products.product_word = kinds.line_word
    where line_kind <> 'goods'
),
lines as (
    select
        orders.order_id || ':' || document_lines.line_number as order_line_id,
        orders.order_id, orders.system, orders.native_customer_id, orders.is_cancelled, orders.currency,
        orders.ordered_at, orders.ordered_date,
        document_lines.line_number, document_lines.product_id, document_lines.description as line_text,
        coalesce(typed.line_kind, of_products.line_kind, numbered.line_kind, told.line_kind, 'goods') as line_kind,
        orders.mapped_type = 'return' as is_return,
        case when is_return then -abs(document_lines.quantity) else document_lines.quantity end as quantity,
        document_lines.unit_price,
        case
            when is_return or document_lines.quantity < 0 then -abs(document_lines.line_amount)
            else document_lines.line_amount
        end as line_amount,
        case
            when is_return or document_lines.quantity < 0 then -abs(coalesce(document_lines.discount_amount, 0))
            else abs(coalesce(document_lines.discount_amount, 0))
        end as discount_amount
    from document_lines
    inner join seen_orders as orders
        on document_lines.system = orders.system and document_lines.native_order_id = orders.native_order_id
    left join typed on document_lines.line_type = typed.written
    left join of_products on document_lines.product_id = of_products.product_id
    left join numbered on document_lines.product_id = numbered.written
    left join told on document_lines.product_id is null and document_lines.description = told.written
)
select
    * exclude (line_amount, is_return, line_kind),
    case
        when line_kind in ('shipping', 'packaging', 'tip', 'tax', 'surcharge', 'gift_card') then 'charge'
        when quantity < 0 then 'return'
        else 'sale'
    end as line_type,
    case when line_kind not in ('goods', 'service') then line_kind end as charge_kind,
    cast(coalesce(round(quantity * unit_price, 4), line_amount) as decimal(18, 4)) as gross_amount,
    cast(gross_amount - discount_amount as decimal(18, 4)) as net_amount
from lines;

create table order_lines as
with returned as (
    select
        sale_line_id,
        sum(quantity) as returned_quantity,
        sum(amount_sale_currency) as returned_amount
    from allocations
    where sale_line_id is not null
    group by sale_line_id
),
rules as (
    select
        return_line_id, match_rule,
        sum(quantity) as quantity,
        sum(case when sale_order_id is not null then quantity else 0 end) as matched_quantity,
        sum(case when sale_order_id is not null then amount_local else 0 end) as matched_amount
    from allocations
    where return_line_id is not null
    group by return_line_id, match_rule
),
matched as (
    select
        return_line_id,
        arg_min(match_rule, (-quantity, match_rule)) as match_rule,
        sum(matched_quantity) as matched_quantity,
        sum(matched_amount) as matched_amount
    from rules
    group by return_line_id
),
rated as (
    select
        lines.*, records.customer_id, matched.match_rule,
        coalesce(returned.returned_quantity, 0) as returned_quantity,
        coalesce(matched.matched_quantity, 0) as matched_quantity,
        coalesce(returned.returned_amount, 0) as returned_amount_local,
        coalesce(matched.matched_amount, 0) as matched_amount_local,
        products.unit_cost,
        case when lines.currency = 'CNY' then 1 else rates.rate end as rate,
        case when coalesce(products.currency, 'CNY') = 'CNY' then 1 else cost_rates.rate end as cost_rate
    from signed_lines as lines
    left join records
        on lines.system = records.system and lines.native_customer_id = records.native_customer_id
    left join products on lines.product_id = products.product_id
    left join rates on lines.currency = rates.currency and lines.ordered_date = rates.valid_date
    left join rates as cost_rates
        on products.currency = cost_rates.currency and lines.ordered_date = cost_rates.valid_date
    left join returned on lines.order_line_id = returned.sale_line_id
    left join matched on lines.order_line_id = matched.return_line_id
)
select
    order_line_id, order_id, customer_id, product_id, system, line_number,
    line_type, charge_kind, match_rule, line_text, currency,
    quantity, returned_quantity, matched_quantity,
    round(gross_amount * rate, 4) as gross_amount,
    round(discount_amount * rate, 4) as discount_amount,
    round(net_amount * rate, 4) as net_amount,
    round(returned_amount_local * rate, 4) as returned_amount,
    round(matched_amount_local * rate, 4) as matched_amount,
    case
        when line_type in ('return', 'charge') then 0
        else round(cast((quantity - returned_quantity) * unit_cost as decimal(22, 8)) * cost_rate, 4)
    end as cost_amount,
    unit_price as unit_price_local,
    gross_amount as gross_amount_local,
    discount_amount as discount_amount_local,
    net_amount as net_amount_local,
    returned_amount_local, matched_amount_local,
    ordered_at, ordered_date
from rated;
