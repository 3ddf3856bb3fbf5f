-- From the UCI Online Retail file to the source contract of the shop
-- (models/staging/shop/_shop__sources.yml). Every table made in the schema shop becomes the file
-- raw/shop/<table>.parquet. A column of the contract that the file has nothing for is left out.

create schema shop;

-- The file has no line key: 5,268 lines are exact copies of another, and all of them count in the
-- company's total. So the number of the row in the file is the number of the line.
create temporary table invoice_lines as
select
    InvoiceNo as invoice_number,
    InvoiceDate as invoiced_at,
    Description as description,
    Country as country,
    file_row_number + 1 as row_number,
    -- A double in the file (17850.0): made a whole number, then text. Null is a guest and stays so.
    cast(cast(CustomerID as bigint) as varchar) as customer_id,
    -- 112 codes come in two spellings (85123A, 85123a). They are one product: 108 of the pairs
    -- share the description, and a return must find its sale.
    upper(StockCode) as product_id,
    cast(Quantity as decimal(18, 4)) as quantity,
    -- Doubles become decimals once, here. Four prices are a tenth of a penny: two places lose them.
    cast(UnitPrice as decimal(18, 4)) as unit_price
from read_parquet(getvariable('source_file'), file_row_number = true);

-- One order per invoice. Its amounts are left out and so become the sums of its lines. The file
-- knows neither payments nor a status, so an accepted order counts as paid.
create table shop.orders as
select
    invoice_number as order_id,
    -- No invoice has two customers, nor lines with and without one.
    any_value(customer_id) as customer_id,
    -- A 'C' invoice takes goods or money back. It names no order: original_order_id is left out,
    -- and the matching rule of the warehouse looks for the sale. All else is sold, even the three
    -- 'A' invoices, which adjust bad debt: no customer, a price below zero, but part of the total.
    if(invoice_number like 'C%', 'return', 'sale') as order_type,
    -- 43 invoices were printed over the turn of a minute and carry two times: the first counts.
    -- The times are those of a clock in London (PORTRAIT_TIMEZONE=Europe/London).
    min(invoiced_at) as ordered_at,
    'GBP' as currency
from invoice_lines
group by invoice_number
order by min(row_number);

-- The quantities of 'C' invoices are negative, as the contract wants them. So are those of 1,336
-- stock corrections without 'C' (price zero, no customer). What is no product (postage, fees,
-- manual bookings) stays a line, for it is money of the invoice.
create table shop.order_items as
select
    invoice_number as order_id,
    cast(row_number as varchar) as line_number,
    product_id,
    description,
    quantity,
    unit_price
from invoice_lines
order by row_number;

-- The file has no list of products: one is drawn from the lines. The name is the latest one on a
-- line with a price: without a price stand stock corrections, named 'damaged', 'check' or '?'.
create table shop.products as
select
    product_id,
    arg_max(description, (invoiced_at, row_number)) filter (unit_price <> 0) as product_name,
    case
        when product_id in ('POST', 'DOT', 'C2', 'AMAZONFEE', 'BANK CHARGES', 'CRUK') then 'fee'
        when product_id in ('M', 'D', 'S', 'B') then 'adjustment'
        else 'goods'
    end as product_type
from invoice_lines
group by product_id
order by product_id;

-- Nor has it a list of customers: what it knows of them is the country of their latest invoice
-- (eight of them had two), where that is a country.
create table shop.customers as
select
    customer_id,
    arg_max(
        case
            when country = 'EIRE' then 'Ireland'
            when country = 'RSA' then 'South Africa'
            when country in ('Channel Islands', 'European Community', 'Unspecified') then null
            else country
        end,
        (invoiced_at, row_number)
    ) as country
from invoice_lines
where customer_id is not null
group by customer_id
order by customer_id;
