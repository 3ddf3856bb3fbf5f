/*
title: Amazon
exports:
  orders:
    title: Amazon's "All orders" report
    source: Seller Central, Reports, Fulfillment, "All orders" (GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE)
    keys: [amazon-order-id]
    needed: [purchase-date, order-status, quantity, currency, item-price]
    amounts: [quantity, item-price, item-tax, shipping-price, shipping-tax, gift-wrap-price, gift-wrap-tax,
      item-promotion-discount, ship-promotion-discount]
    moments: [purchase-date, last-updated-date]
    columns: [sales-channel, product-name, sku, asin, ship-city, ship-state, ship-postal-code, ship-country,
      original-order-id]
    unused: [merchant-order-id, fulfillment-channel, order-channel, url, ship-service-level, item-status, promotion-ids,
      is-business-order, purchase-order-number, price-designation, buyer-company-name, is-replacement-order,
      is-exchange-order, fulfilled-by, is-transparency, customized-url, customized-page]
    money: {amount: item-price, currency: currency}
  buyers:
    title: Amazon's order report
    source: Seller Central, Orders, "Order Reports" (GET_FLAT_FILE_ORDERS_DATA)
    keys: [order-id, buyer-email]
    needed: [order-item-id, purchase-date, buyer-name]
    moments: [purchase-date]
    columns: [buyer-phone-number | ship-phone-number, ship-address-1, ship-address-2, ship-city, ship-state,
      ship-postal-code, ship-country]
    unused: [payments-date, sku, product-name, quantity-purchased, currency, item-price, item-tax, shipping-price,
      shipping-tax, ship-service-level, recipient-name, ship-address-3, item-promotion-discount, item-promotion-id,
      ship-promotion-discount, ship-promotion-id, delivery-start-date, delivery-end-date, delivery-time-zone,
      delivery-Instructions, sales-channel, is-business-order, purchase-order-number, price-designation]
  settlements:
    title: Amazon's settlement report (flat file V2)
    source: Seller Central, Payments, Reports repository (GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2)
    keys: [settlement-id]
    needed: [transaction-type, order-id, amount-type, amount-description, amount, posted-date, currency]
    amounts: [amount]
    moments: [posted-date, posted-date-time]
    unused: [settlement-start-date, settlement-end-date, deposit-date, total-amount, merchant-order-id, adjustment-id,
      shipment-id, marketplace-name, fulfillment-id, order-item-code, merchant-order-item-id,
      merchant-adjustment-item-id, sku, quantity-purchased, promotion-id]
    money: {amount: amount, currency: currency, of: settlement-id}
  settlements_v1:
    title: Amazon's settlement report (flat file V1)
    source: Seller Central, Payments, Reports repository (GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE)
    keys: [settlement-id]
    needed: [transaction-type, order-id, posted-date, currency, price-type, price-amount, item-related-fee-type,
      item-related-fee-amount, other-amount]
    amounts: [total-amount, price-amount, item-related-fee-amount, shipment-fee-amount, order-fee-amount,
      misc-fee-amount, other-fee-amount, promotion-amount, direct-payment-amount, other-amount]
    moments: [posted-date]
    columns: [shipment-fee-type, order-fee-type, other-fee-reason-description, promotion-type, direct-payment-type]
    unused: [settlement-start-date, settlement-end-date, deposit-date, merchant-order-id, adjustment-id, shipment-id,
      marketplace-name, fulfillment-id, order-item-code, merchant-order-item-id, merchant-adjustment-item-id, sku,
      quantity-purchased, promotion-id]
    money: {amount: price-amount + item-related-fee-amount + shipment-fee-amount + order-fee-amount + misc-fee-amount
      + other-fee-amount + promotion-amount + direct-payment-amount + other-amount, currency: currency, of: settlement-id}
*/

create schema marketplace;

-- The report has a row for each item of an order. An order in several files counts as in the last.
insert into left_out
select _from, 'the order is in a later file, too'
from exported.orders
qualify _file <> max_by(_file, _number) over (partition by "amazon-order-id");

-- Amazon only ships these: the shop that sold them has them, too.
insert into left_out
select _from, 'sold elsewhere and shipped by Amazon (sales-channel Non-Amazon)'
from exported.orders
where
    lower("sales-channel") like 'non-amazon%' and _from not in (select _from from left_out);

create temporary table items as
select
    *,
    upper(coalesce("currency", _currency)) as currency_code,
    row_number() over (partition by "amazon-order-id" order by _number) as line_number
from exported.orders
where _from not in (select _from from left_out);

-- An order that waits for its payment, or was cancelled, has no prices.
insert into left_out
select _from, 'an item without a price (pending or cancelled); the order itself is taken over'
from items
where "item-price" is null;

create temporary table order_heads as
select
    "amazon-order-id" as order_id,
    min(_number) as _number,
    max_by("order-status", _number) as status,
    max_by("purchase-date", _number) as ordered_at,
    max_by("last-updated-date", _number) as updated_at,
    max_by(currency_code, _number) as currency,
    max_by("sales-channel", _number) as sales_channel,
    max_by("ship-country", _number) as ship_country,
    max_by("ship-state", _number) as ship_state,
    max_by("ship-city", _number) as ship_city,
    max_by("ship-postal-code", _number) as ship_postcode,
    max_by("original-order-id", _number) as original_order_id,
    sum(try_cast("item-price" as decimal(18, 4))) as goods,
    sum(abs(try_cast("item-promotion-discount" as decimal(18, 4)))) as discount,
    sum(try_cast("shipping-price" as decimal(18, 4))) as shipping,
    sum(abs(try_cast("ship-promotion-discount" as decimal(18, 4)))) as shipping_discount,
    sum(try_cast("gift-wrap-price" as decimal(18, 4))) as gift_wrap,
    sum(try_cast("item-tax" as decimal(18, 4))) as item_tax,
    sum(try_cast("shipping-tax" as decimal(18, 4))) as shipping_tax,
    sum(try_cast("gift-wrap-tax" as decimal(18, 4))) as gift_wrap_tax
from items
group by all;

insert into left_out
select _from, 'the buyer is in a later row, too'
from exported.buyers
qualify row_number() over (partition by lower("buyer-email") order by _number desc) > 1;

create temporary table buyers_of_orders as
select "order-id" as order_id, lower(max_by("buyer-email", _number)) as buyer_id
from exported.buyers
group by all;

create table marketplace.buyers as
select
    lower("buyer-email") as buyer_id,
    "buyer-name" as full_name,
    "buyer-email" as email,
    "buyer-phone-number" as phone,
    "ship-country" as country,
    "ship-state" as region,
    "ship-city" as city,
    nullif(concat_ws(', ', "ship-address-1", "ship-address-2"), '') as address,
    "ship-postal-code" as postcode,
    min("purchase-date") over (partition by lower("buyer-email")) as registered_at,
    _from
from exported.buyers
qualify _from not in (select _from from left_out)
order by _number;

-- What a settlement says of fees and of money that went back, by order.
insert into left_out
select _from, 'the settlement is in a later file, too'
from exported.settlements
qualify _file <> max_by(_file, _number) over (partition by "settlement-id");

insert into left_out
select
    _from,
    if(
        "settlement-id" in (select "settlement-id" from exported.settlements),
        'the settlement is in a flat file V2, too', 'the settlement is in a later file, too'
    )
from exported.settlements_v1
qualify
    _file <> max_by(_file, _number) over (partition by "settlement-id")
    or "settlement-id" in (select "settlement-id" from exported.settlements);

-- V1 has a column for each kind of amount, of which a row mostly has one; V2 has a row for each.
create temporary table amounts_v1 as
select
    _from,
    unnest(
        [
            {'part': 1, 'type': 'ItemPrice', 'description': "price-type", 'amount': "price-amount"},
            {
                'part': 2, 'type': 'ItemFees', 'description': "item-related-fee-type",
                'amount': "item-related-fee-amount"
            },
            {
                'part': 3, 'type': 'ItemFees', 'description': "shipment-fee-type",
                'amount': "shipment-fee-amount"
            },
            {
                'part': 4, 'type': 'ItemFees', 'description': "order-fee-type",
                'amount': "order-fee-amount"
            },
            {
                'part': 5, 'type': 'ItemFees', 'description': 'misc-fee',
                'amount': "misc-fee-amount"
            },
            {
                'part': 6, 'type': 'ItemFees', 'description': "other-fee-reason-description",
                'amount': "other-fee-amount"
            },
            {
                'part': 7, 'type': 'Promotion', 'description': "promotion-type",
                'amount': "promotion-amount"
            },
            {
                'part': 8, 'type': 'direct-payment', 'description': "direct-payment-type",
                'amount': "direct-payment-amount"
            },
            {
                'part': 9, 'type': 'other-transaction', 'description': "transaction-type",
                'amount': "other-amount"
            }
        ],
        recursive := true
    )
from exported.settlements_v1;

create temporary table settled as
select
    'settlements' as export,
    _from,
    1 as part,
    _number,
    "settlement-id",
    "transaction-type",
    "order-id",
    "amount-type",
    "amount-description",
    "amount",
    true as is_total_without_amount,
    upper(coalesce(max("currency") over (partition by "settlement-id"), _currency))
        as currency_code,
    coalesce("posted-date-time", "posted-date") as posted_at
from exported.settlements
where _from not in (select _from from left_out)
union all
select
    'settlements_v1',
    v1._from,
    coalesce(amounts.part, 1),
    v1._number,
    v1."settlement-id",
    v1."transaction-type",
    v1."order-id",
    amounts.type,
    amounts.description,
    amounts.amount,
    v1."total-amount" is not null,
    upper(coalesce(max(v1."currency") over (partition by v1."settlement-id"), v1._currency)),
    v1."posted-date"
from exported.settlements_v1 as v1
left join amounts_v1 as amounts on v1._from = amounts._from and amounts.amount is not null
where v1._from not in (select _from from left_out);

create temporary table settled_values as
select
    *,
    try_cast("amount" as decimal(18, 4)) as value,
    row_number() over (partition by export, "settlement-id" order by _number, part) as place
from settled;

create temporary table settled_kinds as
select
    settled_values.*,
    case
        when "amount" is null and is_total_without_amount then 'the total of a settlement'
        when "amount" is null then 'a row of a settlement without an amount'
        when value is null then 'an amount that cannot be read'
        when "order-id" is null then 'settled without an order: ' || "amount-type"
        when "amount-type" = 'ItemFees' then 'fee'
        when
            "transaction-type" = 'Refund' and "amount-type" in ('ItemPrice', 'Promotion')
            and order_heads.order_id is null
            then 'a refund of an order that is not in the orders report'
        when "transaction-type" = 'Refund' and "amount-type" in ('ItemPrice', 'Promotion')
            then 'refund'
        when "transaction-type" = 'Order' and "amount-type" in ('ItemPrice', 'Promotion')
            then 'a price, tax or promotion of an order, which the orders report has'
        else concat('settled as ', "transaction-type", ', ', "amount-type")
    end as kind,
    kind in ('fee', 'refund') as is_taken
from settled_values
left join order_heads on settled_values."order-id" = order_heads.order_id;

insert into left_out
select _from, min_by(kind, part)
from settled_kinds
group by _from
having not bool_or(is_taken);

insert into used
select distinct _from from settled_kinds where kind = 'refund';

create temporary table refunds as
select
    "order-id" as order_id,
    -sum(value) as amount,
    -- A promotion is of the goods, unless it says that it is of the shipping or of a tax.
    coalesce(
        -sum(value) filter (
            "amount-description" = 'Principal' or (
                "amount-type" = 'Promotion'
                and not coalesce(
                    "amount-description" like 'Shipping%' or "amount-description" like '%Tax', false
                )
            )
        ), 0
    ) as goods,
    -sum(value) filter (
        "amount-description" like 'Shipping%' and "amount-description" <> 'ShippingTax'
    ) as shipping,
    -sum(value) filter ("amount-description" like '%Tax') as tax,
    max(posted_at) as refunded_at
from settled_kinds
where kind = 'refund'
group by all;

create table marketplace.orders as
select
    heads.order_id,
    buyers_of_orders.buyer_id,
    heads.status,
    heads.ordered_at,
    heads.currency,
    cast(heads.discount as varchar) as discount_amount,
    cast(heads.goods - coalesce(heads.discount, 0) as varchar) as net_amount,
    heads.original_order_id,
    cast(coalesce(heads.shipping, 0) - coalesce(heads.shipping_discount, 0) as varchar)
        as shipping_amount,
    -- Where prices include tax the contract wants that of the goods alone.
    cast(
        coalesce(heads.item_tax, 0)
        + if(
            heads.sales_channel in ('Amazon.com', 'Amazon.ca'),
            coalesce(heads.shipping_tax, 0) + coalesce(heads.gift_wrap_tax, 0), 0
        ) as varchar
    ) as tax_amount,
    if(heads.sales_channel in ('Amazon.com', 'Amazon.ca'), 'false', 'true') as prices_include_tax,
    heads.sales_channel as seller_id,
    heads.ship_country as delivery_country,
    heads.ship_state as delivery_region,
    heads.ship_city as delivery_city,
    heads.ship_postcode as delivery_postcode,
    cast(refunds.amount as varchar) as refund_amount,
    cast(refunds.goods as varchar) as refund_goods_amount,
    cast(refunds.shipping as varchar) as refund_shipping_amount,
    cast(refunds.tax as varchar) as refund_tax_amount,
    refunds.refunded_at,
    heads.updated_at
from order_heads as heads
left join buyers_of_orders on heads.order_id = buyers_of_orders.order_id
left join refunds on heads.order_id = refunds.order_id
order by heads._number;

-- The price is that of all units of the item.
create table marketplace.order_items as
select
    "amazon-order-id" as order_id,
    cast(line_number as varchar) as line_number,
    "asin" as product_id,
    "sku" as seller_product_id,
    "product-name" as description,
    "quantity" as quantity,
    "item-price" as line_amount,
    "item-promotion-discount" as discount_amount,
    cast(null as varchar) as line_type,
    _from
from items
where "item-price" is not null
order by _number;

insert into money_out
select
    'orders',
    items.currency_code,
    try_cast(lines.line_amount as decimal(18, 4)),
    0
from marketplace.order_items as lines
inner join items on lines._from = items._from
where try_cast(lines.line_amount as decimal(18, 4)) is not null;

insert into marketplace.order_items by name
select
    order_id,
    'gift wrap' as line_number,
    'Gift wrap' as description,
    '1' as quantity,
    cast(gift_wrap as varchar) as line_amount,
    'packaging' as line_type
from order_heads
where gift_wrap <> 0
order by _number;

-- Fees are below zero in a settlement, and above zero in the contract.
create table marketplace.fees as
select
    "settlement-id" || '/' || place as fee_id,
    "order-id" as order_id,
    "amount-description" as fee_type,
    currency_code as currency,
    cast(-value as varchar) as amount,
    posted_at as charged_at,
    _from
from settled_kinds
where kind = 'fee'
order by _number;

insert into money_out
select export, currency_code, if(is_taken, value, 0), if(is_taken, 0, value)
from settled_kinds
where value is not null and _from not in (select _from from left_out);
