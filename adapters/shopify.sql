/*
title: Shopify
exports:
  orders:
    title: Shopify's orders export
    source: help.shopify.com, "Exporting orders to a CSV file"
    keys: [Name]
    needed: [Email, Created at, Currency, Subtotal, Total, Lineitem quantity, Lineitem name, Lineitem price]
    amounts: [Subtotal, Shipping, Taxes, Total, Discount Amount, Refunded Amount, Outstanding Balance, Duties,
      Lineitem quantity, Lineitem price, Lineitem compare at price, Lineitem discount]
    moments: [Paid at, Fulfilled at, Created at, Cancelled at]
    columns: [Financial Status, Accepts Marketing, Discount Code, Lineitem sku, Vendor, Location, Payment Method,
      Phone, Billing Name, Billing Company, Billing Street, Billing City, Billing Zip, Billing Province,
      Billing Province Name, Billing Country, Billing Phone, Shipping Street, Shipping City, Shipping Zip,
      Shipping Province, Shipping Province Name, Shipping Country, Shipping Phone]
    unused: [Fulfillment Status, Shipping Method, Lineitem requires shipping, Lineitem taxable,
      Lineitem fulfillment status, Billing Address1, Billing Address2, Shipping Name, Shipping Address1,
      Shipping Address2, Shipping Company, Notes, Note Attributes, Payment Reference, Employee, Device ID, Id, Tags,
      Risk Level, Source, Tax 1 Name, Tax 1 Value, Tax 2 Name, Tax 2 Value, Tax 3 Name, Tax 3 Value, Tax 4 Name,
      Tax 4 Value, Tax 5 Name, Tax 5 Value, Receipt Number, Payment ID, Payment Terms Name, Next Payment Due At,
      Payment References]
    money: {amount: Total, currency: Currency}
  customers:
    title: Shopify's customers export
    source: help.shopify.com, "Exporting customers"
    needed: [First Name, Last Name, Email, Accepts Email Marketing | Accepts Marketing]
    columns: [Customer ID, Phone | Default Address Phone, Accepts SMS Marketing, Company | Default Address Company,
      Address1 | Default Address Address1, Address2 | Default Address Address2, City | Default Address City,
      Province Code | Default Address Province Code | Province, Country Code | Default Address Country Code | Country,
      Zip | Default Address Zip]
    unused: [Total Spent, Total Orders, Note, Tax Exempt, Tags]
  transactions:
    title: Shopify's transaction histories export
    source: help.shopify.com, "Exporting orders to a CSV file", transaction histories
    keys: [Name]
    needed: [Kind, Created At, Status, Amount, Currency]
    amounts: [Amount]
    moments: [Created At]
    columns: [Gateway]
    unused: [Order, Payment Method, Card Type]
    money: {amount: Amount, currency: Currency}
*/

create schema shop;

-- An order is a row for each of its lines, and the columns of the order stand in the first only. A
-- second row with a total under the same number begins the same order once more.
create temporary table order_rows as
select
    *,
    count("Total") over (partition by _file, "Name" order by _number) as times_begun,
    count("Total") over (partition by _file, "Name") > 0 as is_begun_in_file
from exported.orders;

create temporary table last_files as
select "Name", max_by(_file, _number) as last_file
from order_rows
where is_begun_in_file
group by all;

insert into left_out
select
    order_rows._from,
    if(times_begun > 1, 'the order is in the file twice', 'the order is in a later file, too')
from order_rows
left join last_files on order_rows."Name" = last_files."Name"
where times_begun > 1 or (is_begun_in_file and _file <> last_file);

insert into left_out
select _from, 'a row without order and line'
from order_rows
where
    "Total" is null and "Lineitem name" is null and "Lineitem quantity" is null
    and "Lineitem price" is null and _from not in (select _from from left_out);

create temporary table kept_rows as
select
    *,
    row_number() over (partition by "Name" order by _number) as line_number
from order_rows
where _from not in (select _from from left_out);

-- The first value of each column in the rows of an order; a customer is known by mail address.
create temporary table order_heads as
select
    "Name" as order_id,
    arg_min(_from, _number) as _from,
    min(_number) as _number,
    arg_min("Email", _number) as email,
    lower(arg_min("Email", _number)) as mail_key,
    coalesce(
        arg_min("Phone", _number), arg_min("Billing Phone", _number),
        arg_min("Shipping Phone", _number)
    ) as phone,
    lower(arg_min("Financial Status", _number)) as status,
    arg_min("Paid at", _number) as paid_at,
    arg_min("Fulfilled at", _number) as shipped_at,
    arg_min("Accepts Marketing", _number) as accepts_marketing,
    upper(arg_min(coalesce("Currency", _currency), _number) filter ("Total" is not null))
        as currency,
    arg_min("Subtotal", _number) as subtotal,
    arg_min("Shipping", _number) as shipping,
    arg_min("Taxes", _number) as taxes,
    arg_min("Total", _number) as total,
    arg_min("Duties", _number) as duties,
    arg_min("Discount Code", _number) as discount_code,
    arg_min("Discount Amount", _number) as discount_amount,
    arg_min("Created at", _number) as created_at,
    arg_min("Cancelled at", _number) as cancelled_at,
    arg_min("Payment Method", _number) as payment_method,
    arg_min("Refunded Amount", _number) as refunded_amount,
    arg_min("Outstanding Balance", _number) as outstanding,
    arg_min("Location", _number) as location,
    arg_min("Billing Name", _number) as billing_name,
    arg_min("Billing Company", _number) as billing_company,
    arg_min("Billing Street", _number) as billing_street,
    arg_min("Billing City", _number) as billing_city,
    arg_min("Billing Zip", _number) as billing_zip,
    coalesce(
        arg_min("Billing Province Name", _number), arg_min("Billing Province", _number)
    ) as billing_province,
    arg_min("Billing Country", _number) as billing_country,
    arg_min("Shipping Street", _number) as shipping_street,
    arg_min("Shipping City", _number) as shipping_city,
    arg_min("Shipping Zip", _number) as shipping_zip,
    coalesce(
        arg_min("Shipping Province Name", _number), arg_min("Shipping Province", _number)
    ) as shipping_province,
    arg_min("Shipping Country", _number) as shipping_country
from kept_rows
group by all;

create temporary table order_amounts as
select
    order_id,
    try_cast(total as decimal(38, 4)) as total,
    coalesce(try_cast(subtotal as decimal(38, 4)), 0)
    + coalesce(try_cast(shipping as decimal(38, 4)), 0)
    + coalesce(try_cast(duties as decimal(38, 4)), 0) as without_tax,
    coalesce(try_cast(taxes as decimal(38, 4)), 0) as tax
from order_heads;

-- The export does not say whether prices include the tax, but its amounts do.
create temporary table order_taxes as
select
    *,
    case
        when tax = 0 then null
        when total = without_tax then true
        when total = without_tax + tax then false
    end as is_tax_included
from order_amounts;

insert into money_out
select
    'orders',
    currency,
    without_tax + if(coalesce(is_tax_included, false), 0, tax),
    order_taxes.total - without_tax - if(coalesce(is_tax_included, false), 0, tax)
from order_heads
inner join order_taxes on order_heads.order_id = order_taxes.order_id
where order_taxes.total is not null;

insert into remarks
select
    'orders whose total is not the sum of subtotal, shipping, duties and tax: ' || count(*)
    || ', first ' || min(order_id)
from order_taxes
where total is not null and total not in (without_tax, without_tax + tax)
having count(*) > 0;

-- The customers of the customers export. Shopify's number is theirs, or else their mail address.
create temporary table customer_rows as
select
    *,
    lower("Email") as mail_key,
    coalesce("Customer ID", lower("Email"), "Phone") as customer_id
from exported.customers;

insert into left_out
select _from, 'neither number, mail address nor phone'
from customer_rows
where customer_id is null;

insert into left_out
select _from, 'the customer is in a later row, too'
from customer_rows
where customer_id is not null
qualify row_number() over (partition by customer_id order by _number desc) > 1;

create temporary table known_mails as
select mail_key, max_by(customer_id, _number) as customer_id
from customer_rows
where mail_key is not null and _from not in (select _from from left_out)
group by all;

create temporary table orders_of_customers as
select
    order_heads.*,
    coalesce(known_mails.customer_id, order_heads.mail_key, order_heads.phone) as customer_id
from order_heads
left join known_mails on order_heads.mail_key = known_mails.mail_key;

create table shop.customers as
select
    customer_id,
    "First Name" as first_name,
    "Last Name" as last_name,
    cast(null as varchar) as full_name,
    "Email" as email,
    "Phone" as phone,
    "Country Code" as country,
    "Province Code" as region,
    "City" as city,
    nullif(concat_ws(', ', "Address1", "Address2"), '') as address,
    "Zip" as postcode,
    "Company" as organisation,
    "Accepts Email Marketing" as has_email_consent,
    "Accepts SMS Marketing" as has_sms_consent,
    _from
from customer_rows
where _from not in (select _from from left_out)
order by _number;

-- Who ordered and is in no row of the customers export: as the last order names them.
insert into shop.customers by name
select
    customer_id,
    billing_name as full_name,
    email,
    phone,
    billing_country as country,
    billing_province as region,
    billing_city as city,
    billing_street as address,
    billing_zip as postcode,
    billing_company as organisation,
    accepts_marketing as has_email_consent
from orders_of_customers
where customer_id is not null and customer_id not in (select customer_id from shop.customers)
qualify row_number() over (partition by customer_id order by _number desc) = 1
order by _number;

create table shop.orders as
select
    orders.order_id,
    orders.customer_id,
    orders.status,
    orders.created_at as ordered_at,
    orders.cancelled_at,
    orders.currency,
    orders.discount_amount,
    orders.subtotal as net_amount,
    orders.discount_code as coupon_code,
    orders.shipping as shipping_amount,
    orders.taxes as tax_amount,
    order_taxes.is_tax_included as prices_include_tax,
    orders.location as seller_id,
    orders.payment_method,
    orders.shipping_country as delivery_country,
    orders.shipping_province as delivery_region,
    orders.shipping_city as delivery_city,
    orders.shipping_street as delivery_address,
    orders.shipping_zip as delivery_postcode,
    orders.shipped_at,
    orders._from
from orders_of_customers as orders
inner join order_taxes on orders.order_id = order_taxes.order_id
order by orders._number;

create table shop.order_items as
select
    "Name" as order_id,
    cast(line_number as varchar) as line_number,
    coalesce("Lineitem sku", "Lineitem name") as product_id,
    "Lineitem name" as description,
    "Lineitem quantity" as quantity,
    "Lineitem price" as unit_price,
    "Lineitem discount" as discount_amount,
    cast(null as varchar) as line_type,
    _from
from kept_rows
where
    "Lineitem name" is not null or "Lineitem quantity" is not null
    or "Lineitem price" is not null
order by _number;

-- Duties have no column of their own in the contract: they are a line that is no goods.
insert into shop.order_items by name
select
    order_id,
    'duties' as line_number,
    'Duties' as description,
    '1' as quantity,
    duties as unit_price,
    'surcharge' as line_type
from order_heads
where try_cast(duties as decimal(18, 4)) <> 0
order by _number;

-- The export has no list of products: one is drawn from the lines, by SKU, or by name without one.
create table shop.products as
select
    coalesce("Lineitem sku", "Lineitem name") as product_id,
    max_by("Lineitem name", kept_rows._number) as product_name,
    max_by("Vendor", kept_rows._number) as brand,
    max_by(
        coalesce("Lineitem compare at price", "Lineitem price"), kept_rows._number
    ) as list_price,
    max_by(order_heads.currency, kept_rows._number) as currency
from kept_rows
inner join order_heads on kept_rows."Name" = order_heads.order_id
where coalesce("Lineitem sku", "Lineitem name") is not null
group by all
order by min(kept_rows._number);

-- Payments of the transaction histories, which say when money went back; of other orders as the
-- order itself says it.
create table shop.payments as
select
    "Name" || '/' || row_number() over (
        partition by "Name" order by "Created At", "Kind", "Amount", _number
    ) as payment_id,
    "Name" as order_id,
    "Kind" as payment_type,
    "Status" as status,
    "Gateway" as method,
    upper(coalesce("Currency", _currency)) as currency,
    "Amount" as amount,
    "Created At" as paid_at,
    _from
from exported.transactions
order by _number;

insert into money_out
select 'transactions', currency, try_cast(amount as decimal(38, 4)), 0
from shop.payments
where try_cast(amount as decimal(38, 4)) is not null;

create temporary table paid_orders as
select
    *,
    coalesce(try_cast(refunded_amount as decimal(38, 4)), 0) as refunded
from order_heads
where order_id not in (select order_id from shop.payments);

insert into shop.payments by name
select
    order_id || '/payment' as payment_id,
    order_id,
    'payment' as payment_type,
    payment_method as method,
    currency,
    cast(
        try_cast(total as decimal(38, 4))
        - if(
            status = 'partially_paid', coalesce(try_cast(outstanding as decimal(38, 4)), 0), 0
        ) as varchar
    ) as amount,
    coalesce(paid_at, created_at) as paid_at
from paid_orders
where
    try_cast(total as decimal(38, 4)) is not null
    and (
        paid_at is not null
        or status in ('paid', 'partially_paid', 'partially_refunded', 'refunded')
    )
order by _number;

insert into shop.payments by name
select
    order_id || '/refund' as payment_id,
    order_id,
    'refund' as payment_type,
    payment_method as method,
    currency,
    cast(refunded as varchar) as amount,
    coalesce(cancelled_at, paid_at, created_at) as paid_at
from paid_orders
where refunded > 0
order by _number;

insert into remarks
select
    'refunds without a day of their own, counted on that of the cancellation or the payment: '
    || count(*) || '; the transaction histories export has their days'
from paid_orders
where refunded > 0
having count(*) > 0;
