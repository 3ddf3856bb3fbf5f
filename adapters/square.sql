/*
title: Square
exports:
  transactions:
    title: Square's transactions export
    source: Square Dashboard, Payments and invoices, Transactions, Export, "Transactions CSV"
    keys: [Transaction ID]
    needed: [Date, Time, Gross Sales, Discounts, Total Collected, Payment ID]
    amounts: [Gross Sales, Discounts, Service Charges, Gift Card Sales, Tax, Tip, Partial Refunds, Total Collected, Card,
      Cash, Square Gift Card, Other Tender, Fees]
    columns: [Time Zone, Event Type, Location, Customer ID, Customer Name, Other Tender Type]
    unused: [Net Sales, Source, Card Entry Methods, Other Tender Note | Tender Note, Net Total, Card Brand, PAN Suffix,
      Device Name, Staff Name, Staff ID, Details, Description, Dining Option, Customer Reference ID, Device Nickname,
      Third Party Fees, Deposit ID, Deposit Date, Deposit Details, Fee Percentage Rate, Fee Fixed Rate, Refund Reason,
      Discount Name, Transaction Status, Cash App, Order Reference ID, Fulfillment Note, Free Processing Applied, Channel,
      Unattributed Tips, Table Info, International Fee]
    money: {amount: Total Collected}
  items:
    title: Square's items export
    source: Square Dashboard, Payments and invoices, Transactions, Export, "Items detail CSV"
    keys: [Transaction ID]
    needed: [Date, Time, Item, Qty, Gross Sales, Discounts, Net Sales]
    amounts: [Qty, Gross Sales, Discounts, Net Sales, Tax]
    columns: [Time Zone, Category, Price Point Name, SKU, Payment ID, Event Type, Location, Customer ID, Customer Name,
      Itemization Type]
    unused: [Modifiers Applied, Device Name, Notes, Details, Dining Option, Customer Reference ID, Unit, Count, GTIN,
      Commission, Employee, Fulfillment Note, Channel, Token, Card Brand, PAN Suffix]
    money: {amount: Net Sales}
  customers:
    title: Square's customers export
    source: Square Dashboard, Customers, Directory, "Export customers"
    keys: [Square Customer ID]
    needed: [First Name, Last Name, Email Address, Phone Number]
    columns: [Street Address 1, Street Address 2, City, State, Postal Code, Birthday,
      Email Subscription Status]
    unused: [Reference ID, Nickname, Company Name, Memo, Creation Source, First Visit, Last Visit, Transaction Count, Lifetime Spend,
      Instant Profile]
*/

create schema pos;
create schema ops;

-- The names of zones that Square writes, and those of the tables of time zones.
create temporary table zones as
select * from (
    values
    ('Eastern Time (US & Canada)', 'America/New_York'),
    ('Central Time (US & Canada)', 'America/Chicago'),
    ('Mountain Time (US & Canada)', 'America/Denver'),
    ('Pacific Time (US & Canada)', 'America/Los_Angeles'),
    ('Atlantic Time (Canada)', 'America/Halifax'),
    ('Arizona', 'America/Phoenix'),
    ('Alaska', 'America/Anchorage'),
    ('Hawaii', 'Pacific/Honolulu'),
    ('London', 'Europe/London'),
    ('Dublin', 'Europe/Dublin'),
    ('Paris', 'Europe/Paris'),
    ('Madrid', 'Europe/Madrid'),
    ('Tokyo', 'Asia/Tokyo'),
    ('Perth', 'Australia/Perth'),
    ('Adelaide', 'Australia/Adelaide'),
    ('Brisbane', 'Australia/Brisbane'),
    ('Sydney', 'Australia/Sydney'),
    ('Melbourne', 'Australia/Melbourne')
) as zones (square_zone, zone);

insert into left_out
select _from, 'the payment is in a later row, too'
from exported.transactions
qualify
    row_number() over (
        partition by "Transaction ID", "Payment ID", "Event Type" order by _number desc
    ) > 1;

insert into left_out
select _from, 'the items of the transaction are in a later file, too'
from exported.items
qualify _file <> max_by(_file, _number) over (partition by "Transaction ID", "Event Type");

-- A payment and what went back of it have one transaction: the latter is a receipt of its own.
create temporary table events as
select
    'transactions' as export,
    _from, _number, _currency, "Transaction ID" as transaction_id, "Payment ID" as payment_id,
    coalesce("Event Type", 'Payment') as event_type, "Date" as date, "Time" as time,
    "Time Zone" as square_zone, "Location" as location, "Customer ID" as customer_id,
    "Customer Name" as customer_name
from exported.transactions
where _from not in (select _from from left_out)
union all
select
    'items',
    _from, _number, _currency, "Transaction ID", "Payment ID",
    coalesce("Event Type", 'Payment'), "Date", "Time", "Time Zone", "Location", "Customer ID",
    "Customer Name"
from exported.items
where _from not in (select _from from left_out);

-- 10/05/2026 and 2:30:00 PM are the fifth of October in zones of the United States and Canada.
create temporary table timed as
select
    *,
    case
        when regexp_matches(date, '^[0-9]{4}-') then date
        when square_zone like '%(US & Canada)'
            then strftime(try_strptime(date, ['%m/%d/%Y', '%m/%d/%y']), '%Y-%m-%d')
    end as day,
    coalesce(
        strftime(try_strptime(time, ['%I:%M:%S %p', '%I:%M %p', '%H:%M:%S', '%H:%M']), '%H:%M:%S'),
        time
    ) as clock,
    transaction_id || if(event_type = 'Payment', '', '/' || lower(event_type)) as receipt_id
from events;

create temporary table placed as
select
    timed.*,
    coalesce(
        strftime(
            timezone(zones.zone, try_cast(day || ' ' || clock as timestamp)),
            '%Y-%m-%d %H:%M:%S UTC'
        ),
        coalesce(day, date) || ' ' || clock
    ) as issued_at
from timed
left join zones on timed.square_zone = zones.square_zone;

create temporary table receipt_heads as
select
    receipt_id,
    min(_number) as _number,
    any_value(transaction_id) as transaction_id,
    any_value(event_type) as event_type,
    max_by(issued_at, _number) as issued_at,
    max_by(location, _number) as location,
    max_by(customer_id, _number) as customer_id,
    max_by(customer_name, _number) as customer_name,
    any_value(_currency) as currency
from placed
group by all;

create temporary table paid as
select
    placed.receipt_id,
    sum(try_cast("Gross Sales" as decimal(18, 4))) as gross,
    sum(try_cast("Discounts" as decimal(18, 4))) as discounts,
    sum(try_cast("Partial Refunds" as decimal(18, 4))) as partial_refunds,
    sum(try_cast("Service Charges" as decimal(18, 4))) as service_charges,
    sum(try_cast("Gift Card Sales" as decimal(18, 4))) as gift_cards,
    sum(try_cast("Tax" as decimal(18, 4))) as tax,
    sum(try_cast("Tip" as decimal(18, 4))) as tip,
    sum(try_cast("Total Collected" as decimal(18, 4))) as total,
    sum(try_cast("Fees" as decimal(18, 4))) as fees,
    list_filter(
        [
            if(sum(try_cast("Card" as decimal(18, 4))) <> 0, 'card', null),
            if(sum(try_cast("Cash" as decimal(18, 4))) <> 0, 'cash', null),
            if(sum(try_cast("Square Gift Card" as decimal(18, 4))) <> 0, 'gift card', null),
            if(
                sum(try_cast("Other Tender" as decimal(18, 4))) <> 0,
                coalesce(any_value("Other Tender Type"), 'other'), null
            )
        ],
        lambda method : method is not null
    ) as methods
from exported.transactions
inner join placed on exported.transactions._from = placed._from
group by all;

insert into used
select _from from placed where export = 'transactions';

create temporary table itemised as
select
    receipt_id,
    sum(try_cast("Gross Sales" as decimal(18, 4))) as gross,
    sum(try_cast("Discounts" as decimal(18, 4))) as discounts,
    sum(try_cast("Tax" as decimal(18, 4))) as tax
from exported.items
inner join placed on exported.items._from = placed._from
group by all;

insert into money_out
select
    'transactions',
    heads.currency,
    coalesce(gross, 0) + coalesce(discounts, 0) + coalesce(partial_refunds, 0)
    + coalesce(service_charges, 0) + coalesce(gift_cards, 0) + coalesce(tax, 0) + coalesce(tip, 0),
    total - coalesce(gross, 0) - coalesce(discounts, 0) - coalesce(partial_refunds, 0)
    - coalesce(service_charges, 0) - coalesce(gift_cards, 0) - coalesce(tax, 0) - coalesce(tip, 0)
from paid
inner join receipt_heads as heads on paid.receipt_id = heads.receipt_id
where total is not null;

create table pos.members as
select
    "Square Customer ID" as member_id,
    cast(null as varchar) as full_name,
    "First Name" as first_name,
    "Last Name" as last_name,
    "Email Address" as email,
    "Phone Number" as phone,
    "Birthday" as birth_date,
    "State" as region,
    "City" as city,
    nullif(concat_ws(', ', "Street Address 1", "Street Address 2"), '') as address,
    "Postal Code" as postcode,
    "Email Subscription Status" as has_email_consent,
    _from
from exported.customers
qualify row_number() over (partition by "Square Customer ID" order by _number desc) = 1
order by _number;

insert into left_out
select _from, 'the customer is in a later row, too'
from exported.customers
where _from not in (select _from from pos.members);

insert into pos.members by name
select customer_id as member_id, customer_name as full_name
from receipt_heads
where customer_id is not null and customer_id not in (select member_id from pos.members)
qualify row_number() over (partition by customer_id order by _number desc) = 1
order by _number;

create table pos.stores as
select location as store_id, location as store_name
from receipt_heads
where location is not null
group by all
order by 1;

create table pos.receipts as
select
    heads.receipt_id,
    heads.location as store_id,
    heads.customer_id as member_id,
    heads.issued_at,
    heads.currency,
    cast(
        coalesce(paid.gross, 0) + coalesce(paid.discounts, 0) + coalesce(paid.partial_refunds, 0)
        as varchar
    ) as net_amount,
    if(heads.event_type = 'Payment', null, heads.transaction_id) as original_receipt_id,
    if(len(paid.methods) > 1, 'mixed', paid.methods[1]) as payment_method,
    cast(paid.tax as varchar) as tax_amount,
    'false' as prices_include_tax,
    cast(paid.tip as varchar) as tip_amount
from receipt_heads as heads
inner join paid on heads.receipt_id = paid.receipt_id
order by heads._number;

-- Receipts of which there are only the items.
insert into pos.receipts by name
select
    heads.receipt_id,
    heads.location as store_id,
    heads.customer_id as member_id,
    heads.issued_at,
    heads.currency,
    cast(coalesce(itemised.gross, 0) + coalesce(itemised.discounts, 0) as varchar) as net_amount,
    if(heads.event_type = 'Payment', null, heads.transaction_id) as original_receipt_id,
    cast(itemised.tax as varchar) as tax_amount,
    'false' as prices_include_tax
from receipt_heads as heads
inner join itemised on heads.receipt_id = itemised.receipt_id
where heads.receipt_id not in (select receipt_id from pos.receipts)
order by heads._number;

-- What went back is written with a minus before the amounts, with or without one before the units.
create table pos.receipt_items as
select
    placed.receipt_id,
    cast(row_number() over (partition by placed.receipt_id order by items._number) as varchar)
        as line_number,
    coalesce(
        items."SKU",
        concat_ws(' / ', items."Item", nullif(items."Price Point Name", 'Regular'))
    ) as product_id,
    concat_ws(' / ', items."Category", items."Item", items."Price Point Name") as description,
    if(
        try_cast(items."Gross Sales" as decimal(18, 4)) < 0 and not starts_with(items."Qty", '-'),
        '-' || items."Qty", items."Qty"
    ) as quantity,
    items."Gross Sales" as line_amount,
    cast(-try_cast(items."Discounts" as decimal(18, 4)) as varchar) as discount_amount,
    case
        when lower(items."Itemization Type") in ('service', 'gift card')
            then lower(items."Itemization Type")
    end as line_type,
    items._from
from exported.items as items
inner join placed on items._from = placed._from
order by items._number;

insert into money_out
select
    'items',
    heads.currency,
    coalesce(try_cast("Gross Sales" as decimal(18, 4)), 0)
    + coalesce(try_cast("Discounts" as decimal(18, 4)), 0),
    try_cast("Net Sales" as decimal(18, 4))
    - coalesce(try_cast("Gross Sales" as decimal(18, 4)), 0)
    - coalesce(try_cast("Discounts" as decimal(18, 4)), 0)
from exported.items as items
inner join placed on items._from = placed._from
inner join receipt_heads as heads on placed.receipt_id = heads.receipt_id
where try_cast("Net Sales" as decimal(18, 4)) is not null;

insert into pos.receipt_items by name
select
    receipt_id,
    'service charges' as line_number,
    'Service charges' as description,
    '1' as quantity,
    cast(service_charges as varchar) as line_amount,
    'surcharge' as line_type
from paid
where service_charges <> 0
order by receipt_id;

insert into pos.receipt_items by name
select
    receipt_id,
    'gift cards' as line_number,
    'Gift cards' as description,
    '1' as quantity,
    cast(gift_cards as varchar) as line_amount,
    'gift card' as line_type
from paid
where gift_cards <> 0 and receipt_id not in (select receipt_id from itemised)
order by receipt_id;

-- Fees are below zero in the export, and above zero in the contract.
create table ops.order_costs as
select
    'square/' || paid.receipt_id as cost_id,
    'pos' as system,
    written_out(paid.receipt_id) as order_id,
    'payment' as cost_type,
    heads.currency,
    cast(-fees as varchar) as amount,
    heads.issued_at as charged_at
from paid
inner join receipt_heads as heads on paid.receipt_id = heads.receipt_id
where fees <> 0
order by heads._number;

insert into remarks
select
    'receipts without a currency, counted in the reporting currency (name it with --currency): '
    || count(*)
from receipt_heads
where currency is null
having count(*) > 0;
