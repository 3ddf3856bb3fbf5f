-- The raw rows that count: whole, not from the future, and the newest version of each key.
-- The scripts run in this order: read, order_lines, orders, sessions, daily_activity, rfm, behavior_30d. Variables: raw, the
-- folder of the raw files (in the business time zone, in which the reporting currency is CNY); seeds, that of the project's seeds;
-- given, that of records, refunds and allocations (benchmarks/build_speed/beside.py); as_of, the as-of date.

create macro in_utc(local_time) as timezone('UTC', timezone('Asia/Shanghai', local_time));

create macro word(text) as
    trim(regexp_replace(lower(regexp_replace(text, '([a-z])([A-Z])', '\1 \2', 'g')), '[ _–—/.:,()-]+', ' ', 'g'));

create temp table rates as
with newest as (
    select *
    from read_parquet(getvariable('raw') || '/ops/fx_rates/*/*.parquet', hive_partitioning = true)
    where from_currency is not null and to_currency = 'CNY' and rate_date is not null and rate > 0
    qualify row_number() over (partition by rate_date, from_currency order by load_date desc, rate desc) = 1
),
spans as (
    select
        from_currency as currency, rate_date, rate,
        least(
            coalesce(lead(rate_date) over (partition by from_currency order by rate_date) - 1, rate_date + 7),
            rate_date + 7
        ) as last_date
    from newest
)
select currency, cast(unnest(generate_series(rate_date, last_date, interval 1 day)) as date) as valid_date, rate
from spans;

create temp table document_versions as
with raw_documents as (
    select
        'shop' as system, order_id as native_order_id, customer_id as native_customer_id, original_order_id,
        cast(null as varchar) as store_id, seller_id, order_type, status, false as is_till,
        cast(null as varchar) as payment_method, coupon_code, currency,
        gross_amount, discount_amount, net_amount, shipping_amount, tax_amount, tip_amount,
        prices_include_tax, is_test, ordered_at, cancelled_at,
        approved_at, shipped_at, delivered_at, promised_at, updated_at, load_date
    from read_parquet(getvariable('raw') || '/shop/orders/*/*.parquet', hive_partitioning = true)
    union all
    select
        'marketplace', order_id, buyer_id, original_order_id, null, seller_id, order_type, status, false,
        null, coupon_code, currency,
        gross_amount, discount_amount, net_amount, shipping_amount, tax_amount, tip_amount,
        prices_include_tax, is_test, ordered_at, cancelled_at,
        approved_at, shipped_at, delivered_at, promised_at, updated_at, load_date
    from read_parquet(getvariable('raw') || '/marketplace/orders/*/*.parquet', hive_partitioning = true)
    where refunded_at is null or cast(refunded_at as date) <= load_date + 1
    union all
    select
        'pos', receipt_id, member_id, original_receipt_id, store_id, null, null, null, true,
        payment_method, coupon_code, currency,
        gross_amount, discount_amount, net_amount, shipping_amount, tax_amount, tip_amount,
        prices_include_tax, is_test, issued_at, voided_at,
        null, null, null, null, updated_at, load_date
    from read_parquet(getvariable('raw') || '/pos/receipts/*/*.parquet', hive_partitioning = true)
)
select * exclude (approved_at, shipped_at, delivered_at),
    case when cast(approved_at as date) <= load_date + 1 then approved_at end as approved_at,
    case when cast(shipped_at as date) <= load_date + 1 then shipped_at end as shipped_at,
    case when cast(delivered_at as date) <= load_date + 1 then delivered_at end as delivered_at,
    row_number() over (
        partition by system, native_order_id order by coalesce(updated_at, load_date) desc, load_date desc
    ) as version_rank
from raw_documents
where
    native_order_id is not null
    and cast(ordered_at as date) <= load_date + 1
    and coalesce(cast(cancelled_at as date) <= load_date + 1, true)
    and coalesce(cast(updated_at as date) <= load_date + 1, true)
;

create temp table documents as
select * from document_versions where version_rank = 1;

-- An order that is delivered again with fewer lines has lost the others, unless its amount speaks against it.
create temp table document_lines as
with raw_lines as (
    select
        'shop' as system, order_id as native_order_id, line_number, 'shop:' || product_id as product_id,
        description, line_type, quantity, unit_price, line_amount, discount_amount, updated_at, load_date
    from read_parquet(getvariable('raw') || '/shop/order_items/*/*.parquet', hive_partitioning = true)
    union all
    select
        'marketplace', order_id, line_number,
        coalesce('shop:' || seller_product_id, 'marketplace:' || product_id),
        description, line_type, quantity, unit_price, line_amount, discount_amount, updated_at, load_date
    from read_parquet(getvariable('raw') || '/marketplace/order_items/*/*.parquet', hive_partitioning = true)
    union all
    select
        'pos', receipt_id, line_number, 'shop:' || product_id,
        description, line_type, quantity, unit_price, line_amount, discount_amount, updated_at, load_date
    from read_parquet(getvariable('raw') || '/pos/receipt_items/*/*.parquet', hive_partitioning = true)
),
judged_lines as (
    select
        *,
        coalesce(
            native_order_id is not null and line_number is not null and quantity is not null
            and (unit_price is not null or line_amount is not null)
            and coalesce(cast(updated_at as date) <= load_date + 1, true), false
        ) as is_whole,
        coalesce(round(quantity * unit_price, 4), line_amount) as gross,
        gross - coalesce(sign(quantity) * abs(discount_amount), 0) as net
    from raw_lines
),
ranked_lines as (
    select
        *,
        row_number() over (
            partition by system, native_order_id, line_number, is_whole
            order by coalesce(updated_at, load_date) desc, load_date desc
        ) as version_rank
    from judged_lines
),
delivered_again as (
    select
        system, native_order_id,
        max(load_date) filter (where version_rank = 1) as newest_load,
        max(gross_amount) filter (where version_rank = 1) as told_gross,
        max(net_amount) filter (where version_rank = 1) as told_net,
        coalesce(
            min(coalesce(net_amount, gross_amount)) = max(coalesce(net_amount, gross_amount)), false
        ) as is_amount_unchanged
    from document_versions
    group by system, native_order_id
    having min(load_date) < max(load_date) filter (where version_rank = 1)
),
shortened as (
    select system, native_order_id, newest_load
    from ranked_lines
    inner join delivered_again using (system, native_order_id)
    group by all
    having
        bool_or(load_date = newest_load)
        and bool_and(is_whole)
        and not coalesce(abs(sum(net) filter (where version_rank = 1) - any_value(told_net)) < 0.005, false)
        and not coalesce(abs(sum(gross) filter (where version_rank = 1) - any_value(told_gross)) < 0.005, false)
        and (
            not any_value(is_amount_unchanged)
            or coalesce(
                abs(
                    sum(net) filter (where version_rank = 1 and load_date = newest_load) - any_value(told_net)
                ) < 0.005, false
            )
            or coalesce(
                abs(
                    sum(gross) filter (where version_rank = 1 and load_date = newest_load) - any_value(told_gross)
                ) < 0.005, false
            )
        )
),
came_again as (
    select ranked_lines.system, ranked_lines.native_order_id, ranked_lines.line_number
    from ranked_lines
    inner join shortened
        on ranked_lines.system = shortened.system
        and ranked_lines.native_order_id = shortened.native_order_id
        and ranked_lines.load_date = shortened.newest_load
    group by all
)
select
    lines.system, lines.native_order_id, lines.line_number, lines.product_id, lines.description, lines.line_type,
    lines.quantity, lines.unit_price, lines.line_amount, lines.discount_amount
from ranked_lines as lines
left join shortened
    on lines.system = shortened.system
    and lines.native_order_id = shortened.native_order_id
    and lines.load_date < shortened.newest_load
left join came_again
    on lines.system = came_again.system
    and lines.native_order_id = came_again.native_order_id
    and lines.line_number = came_again.line_number
where
    lines.is_whole and lines.version_rank = 1
    and (shortened.native_order_id is null or came_again.native_order_id is not null);

create temp table payments as
select *
from read_parquet(getvariable('raw') || '/shop/payments/*/*.parquet', hive_partitioning = true)
where
    payment_id is not null and amount is not null and cast(paid_at as date) <= load_date + 1
    and coalesce(cast(updated_at as date) <= load_date + 1, true)
qualify
    row_number() over (partition by payment_id order by coalesce(updated_at, load_date) desc, load_date desc) = 1;

create temp table fees as
with marketplace_fees as (
    select 'marketplace' as system, order_id, fee_type, currency, amount, charged_at, load_date
    from read_parquet(getvariable('raw') || '/marketplace/fees/*/*.parquet', hive_partitioning = true)
    where
        fee_id is not null and order_id is not null and amount is not null
        and coalesce(cast(updated_at as date) <= load_date + 1, true)
    qualify row_number() over (partition by fee_id order by coalesce(updated_at, load_date) desc, load_date desc) = 1
),
order_costs as (
    select system, order_id, cost_type, currency, amount, charged_at, load_date
    from read_parquet(getvariable('raw') || '/ops/order_costs/*/*.parquet', hive_partitioning = true)
    where
        cost_id is not null and system is not null and order_id is not null and amount is not null
        and coalesce(cast(updated_at as date) <= load_date + 1, true)
    qualify row_number() over (partition by cost_id order by coalesce(updated_at, load_date) desc, load_date desc) = 1
),
told as (from marketplace_fees union all from order_costs)
select told.* exclude (fee_type)
from told
left join read_csv(getvariable('seeds') || '/staging/order_cost_words.csv') as words
    on word(told.fee_type) = words.order_cost_word
where coalesce(words.cost_type, told.fee_type, '') not in ('goods', 'discount', 'refund');

create temp table products as
select 'shop:' || product_id as product_id, word(product_type) as product_word, unit_cost,
    coalesce(currency, 'CNY') as currency
from read_parquet(getvariable('raw') || '/shop/products/*/*.parquet', hive_partitioning = true)
where product_id is not null and coalesce(cast(updated_at as date) <= load_date + 1, true)
qualify row_number() over (partition by product_id order by coalesce(updated_at, load_date) desc, load_date desc) = 1;

create temp table records as
select * from read_parquet(getvariable('given') || '/records.parquet');

create temp table refunds as
select * from read_parquet(getvariable('given') || '/refunds.parquet');

create temp table allocations as
select * from read_parquet(getvariable('given') || '/allocations.parquet');
