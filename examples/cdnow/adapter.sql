-- From CDNOW's purchase log (the master file) to the source contract of the shop
-- (models/staging/shop/_shop__sources.yml). Every table made in the schema shop becomes the file
-- raw/shop/<table>.parquet. A column of the contract that the file has nothing for is left out.

create schema shop;

-- One order per row of the file. shop/orders alone: no more is known of a customer than a number,
-- so the warehouse infers the customers from their orders.
create table shop.orders as
select
    -- The log has no key, and 255 rows are exact copies of another. They count in the published
    -- totals, so the number of the row in the file is the order.
    cast(row_number() over () as varchar) as order_id,
    -- Text, with its leading zeros.
    customer_id,
    -- A date without a time is a business date already: no time zone ever shifts it.
    cast(d as date) as ordered_at,
    'USD' as currency,
    -- What was paid; 80 times nothing, and a purchase all the same. The number of CDs (cds) has no
    -- place: a line of so many units needs the price of one, and in 18,269 rows spend / cds is no
    -- whole number of cents. No units are better than cents that nobody paid.
    cast(spend as decimal(18, 4)) as net_amount
from read_csv(getvariable('source_file'), header = true, all_varchar = true);
