/*
title: WooCommerce
exports:
  orders:
    title: WooCommerce's orders export
    source: woocommerce.com, "Import and Export of WooCommerce Orders"
    keys: [order_id]
    needed: [order_date, status, order_total, order_currency, billing_email]
    amounts: [shipping_total, fee_total, tax_total, discount_total, order_total, order_subtotal]
    moments: [order_date, paid_date]
    columns: [line_item_*, payment_method_title, customer_id | customer_user, customer_email,
      billing_first_name, billing_last_name, billing_company, billing_phone, billing_address_1, billing_address_2,
      billing_postcode, billing_city, billing_state, billing_country, shipping_address_1, shipping_address_2,
      shipping_postcode, shipping_city, shipping_state, shipping_country, coupon_items, refund_items]
    unused: [order_number, shipping_tax_total, fee_tax_total, cart_discount, order_discount, payment_method, transaction_id,
      customer_ip_address, customer_user_agent, shipping_method, shipping_first_name, shipping_last_name,
      shipping_company, shipping_phone, customer_note, wt_import_key, shipping_items, fee_items, tax_items, order_notes,
      download_permissions, "meta:*", "Product Item *"]
    money: {amount: order_total, currency: order_currency}
  users:
    title: WooCommerce's customers export
    source: woocommerce.com, "Import and Export of WooCommerce Users"
    keys: [customer_id | ID]
    needed: [user_email, user_registered]
    moments: [user_registered]
    columns: [first_name, last_name, display_name, billing_company, billing_phone, billing_address_1,
      billing_address_2, billing_postcode, billing_city, billing_state, billing_country]
    unused: [user_login, user_pass, user_nicename, user_url, user_status, roles, nickname, description, rich_editing,
      syntax_highlighting, admin_color, use_ssl, show_admin_bar_front, locale, wp_user_level, show_welcome_panel,
      session_tokens, last_update, billing_first_name, billing_last_name, billing_email, shipping_first_name,
      shipping_last_name, shipping_company, shipping_phone, shipping_address_1, shipping_address_2, shipping_postcode,
      shipping_city, shipping_state, shipping_country, "meta:*"]
*/

create schema shop;

insert into left_out
select _from, 'the order is in a later row, too'
from exported.orders
qualify row_number() over (partition by "order_id" order by _number desc) > 1;

-- Of a guest the number is 0: the mail address takes its place.
create temporary table orders as
select
    *,
    upper(coalesce("order_currency", _currency)) as currency,
    coalesce(nullif("customer_id", '0'), lower("billing_email")) as customer
from exported.orders
where _from not in (select _from from left_out);

-- A line is name:…|product_id:…|sku:…|quantity:…|total:…|sub_total:…, without tax, and what else
-- the plugins of a shop add. A name may hold a bar, so each part is looked for by its own name.
create temporary table listed_lines as
select
    "order_id",
    _number,
    currency,
    unnest(string_split("line_item_*", chr(10))) as line,
    generate_subscripts(string_split("line_item_*", chr(10)), 1) as place
from orders;

create temporary table lines as
select
    "order_id",
    _number,
    currency,
    line,
    row_number() over (partition by "order_id" order by place) as line_number,
    regexp_extract(line, '^name:(.*?)[|](product_id|sku|quantity):', 1) as product_name,
    nullif(regexp_extract(line, '[|]product_id:([^|]*)', 1), '') as number,
    nullif(regexp_extract(line, '[|]sku:([^|]*)', 1), '') as sku,
    nullif(regexp_extract(line, '[|]quantity:([^|]*)', 1), '') as quantity,
    nullif(regexp_extract(line, '[|]total:([^|]*)', 1), '') as total,
    nullif(regexp_extract(line, '[|]sub_total:([^|]*)', 1), '') as sub_total
from listed_lines
where line like 'name:%|quantity:%';

create temporary table goods as
select "order_id", sum(try_cast(total as decimal(18, 4))) as total
from lines
group by all;

-- WooCommerce writes lines, fees and shipping without tax, and all tax beside them.
create temporary table parts as
select
    orders."order_id",
    coalesce(
        goods.total,
        try_cast("order_subtotal" as decimal(18, 4))
        - coalesce(try_cast("discount_total" as decimal(18, 4)), 0)
    ) as net,
    coalesce(try_cast("shipping_total" as decimal(18, 4)), 0)
    + coalesce(try_cast("fee_total" as decimal(18, 4)), 0)
    + coalesce(try_cast("tax_total" as decimal(18, 4)), 0) as beside
from orders
left join goods on orders."order_id" = goods."order_id";

insert into money_out
select
    'orders',
    currency,
    coalesce(net, 0) + beside,
    try_cast("order_total" as decimal(18, 4)) - coalesce(net, 0) - beside
from orders
inner join parts on orders."order_id" = parts."order_id"
where try_cast("order_total" as decimal(18, 4)) is not null;

insert into remarks
select
    'orders whose order_total is not the sum of lines, shipping, fees and tax: ' || count(*)
    || ', first ' || min(orders."order_id")
from orders
inner join parts on orders."order_id" = parts."order_id"
where try_cast("order_total" as decimal(18, 4)) <> coalesce(net, 0) + beside
having count(*) > 0;

insert into left_out
select _from, 'the customer is in a later row, too'
from exported.users
qualify row_number() over (partition by "customer_id" order by _number desc) > 1;

create table shop.customers as
select
    "customer_id" as customer_id,
    "first_name" as first_name,
    "last_name" as last_name,
    "display_name" as full_name,
    "user_email" as email,
    "billing_phone" as phone,
    "billing_country" as country,
    "billing_state" as region,
    "billing_city" as city,
    nullif(concat_ws(', ', "billing_address_1", "billing_address_2"), '') as address,
    "billing_postcode" as postcode,
    "billing_company" as organisation,
    "user_registered" as registered_at,
    _from
from exported.users
where _from not in (select _from from left_out)
order by _number;

-- Who ordered and is in no row of the customers export: as the last order names them.
insert into shop.customers by name
select
    customer as customer_id,
    "billing_first_name" as first_name,
    "billing_last_name" as last_name,
    coalesce("billing_email", "customer_email") as email,
    "billing_phone" as phone,
    "billing_country" as country,
    "billing_state" as region,
    "billing_city" as city,
    nullif(concat_ws(', ', "billing_address_1", "billing_address_2"), '') as address,
    "billing_postcode" as postcode,
    "billing_company" as organisation
from orders
where customer is not null and customer not in (select customer_id from shop.customers)
qualify row_number() over (partition by customer order by _number desc) = 1
order by _number;

create table shop.orders as
select
    orders."order_id" as order_id,
    customer as customer_id,
    regexp_replace("status", '^wc-', '') as status,
    "order_date" as ordered_at,
    currency,
    "discount_total" as discount_amount,
    cast(net as varchar) as net_amount,
    nullif(
        array_to_string(regexp_extract_all("coupon_items", '(?:^|;)code:([^|;]*)', 1), ';'), ''
    ) as coupon_code,
    "shipping_total" as shipping_amount,
    "tax_total" as tax_amount,
    'false' as prices_include_tax,
    "payment_method_title" as payment_method,
    "shipping_country" as delivery_country,
    "shipping_state" as delivery_region,
    "shipping_city" as delivery_city,
    nullif(concat_ws(', ', "shipping_address_1", "shipping_address_2"), '') as delivery_address,
    "shipping_postcode" as delivery_postcode,
    _from
from orders
inner join parts on orders."order_id" = parts."order_id"
order by _number;

create table shop.order_items as
select
    "order_id" as order_id,
    cast(line_number as varchar) as line_number,
    coalesce(sku, nullif(number, '0'), product_name) as product_id,
    product_name as description,
    quantity,
    coalesce(sub_total, total) as line_amount,
    cast(
        try_cast(sub_total as decimal(18, 4)) - try_cast(total as decimal(18, 4)) as varchar
    ) as discount_amount,
    cast(null as varchar) as line_type
from lines
order by _number, line_number;

-- Fees have no column of their own in the contract: they are a line that is no goods.
insert into shop.order_items by name
select
    "order_id" as order_id,
    'fees' as line_number,
    'Fees' as description,
    '1' as quantity,
    "fee_total" as line_amount,
    'surcharge' as line_type
from orders
where try_cast("fee_total" as decimal(18, 4)) <> 0
order by _number;

create table shop.products as
select
    coalesce(sku, nullif(number, '0'), product_name) as product_id,
    max_by(product_name, _number) as product_name
from lines
group by all
having coalesce(sku, nullif(number, '0'), product_name) is not null
order by min(_number);

create table shop.payments as
select
    "order_id" || '/payment' as payment_id,
    "order_id" as order_id,
    'payment' as payment_type,
    "payment_method_title" as method,
    currency,
    "order_total" as amount,
    "paid_date" as paid_at
from orders
where "paid_date" is not null
order by _number;

-- A refund is amount:…|reason:…|date:…, several are divided by semicolons.
create temporary table refunds as
select
    *,
    unnest(regexp_extract_all("refund_items", 'amount:([^|;]*)[|]reason:', 1)) as amount,
    unnest(regexp_extract_all("refund_items", '[|]date:([-0-9]{10} [:0-9]{8})', 1)) as refunded_at,
    generate_subscripts(
        regexp_extract_all("refund_items", 'amount:([^|;]*)[|]reason:', 1), 1
    ) as place
from orders
where "refund_items" is not null;

insert into shop.payments by name
select
    "order_id" || '/refund/' || place as payment_id,
    "order_id" as order_id,
    'refund' as payment_type,
    "payment_method_title" as method,
    currency,
    amount,
    refunded_at as paid_at
from refunds
order by _number, place;
