with

subjects as (select * from {{ ref('int_event_subjects') }}),

order_lines as (select * from {{ ref('int_order_lines_valued') }}),

products as (select * from {{ ref('int_products_described') }}),

records as (select * from {{ ref('int_records_clustered') }}),

as_of as (select * from {{ ref('int_as_of') }}),

cart_products as (
    select
        records.customer_id,
        subjects.product_id,
        count(*) filter (where subjects.event_type = 'cart_add') as cart_adds_count,
        max(case when subjects.event_type = 'cart_add' then subjects.occurred_at end)
            as last_added_at,
        max(case when subjects.event_type = 'cart_add' then subjects.occurred_date end)
            as last_added_date,
        max(case when subjects.event_type = 'cart_remove' then subjects.occurred_at end)
            as last_removed_at
    from subjects
    cross join as_of
    inner join records
        on subjects.record_key = records.record_key
    where
        subjects.event_type in ('cart_add', 'cart_remove')
        and subjects.product_id is not null
        and {{ in_window('subjects.occurred_date', 'as_of.as_of_date', '30d') }}
    group by records.customer_id, subjects.product_id
),

local_orders as (
    select
        order_lines.*,
        {{ utc_to_local('order_lines.ordered_at', business_zone()) }} as ordered_local_at
    from order_lines
),

-- An order of exactly midnight has no time of day: its system writes dates only.
timed_orders as (
    select
        *,
        coalesce(
            ordered_local_at <> cast(cast(ordered_local_at as date) as timestamp), false
        ) as has_time
    from local_orders
),

ordered_products as (
    select
        records.customer_id,
        order_lines.product_id,
        max(case when order_lines.has_time then order_lines.ordered_at end) as last_ordered_at,
        max(case when not order_lines.has_time then order_lines.ordered_date end)
            as last_ordered_date
    from timed_orders as order_lines
    cross join as_of
    inner join records
        on order_lines.record_key = records.record_key
    where
        order_lines.line_type = 'sale'
        and order_lines.product_id is not null
        and {{ in_window('order_lines.ordered_date', 'as_of.as_of_date', '30d') }}
    group by records.customer_id, order_lines.product_id
),

final as (
    select
        -- keys
        cart_products.customer_id,
        cart_products.product_id,

        -- measures
        cast(cart_products.cart_adds_count as bigint) as cart_adds_count,
        products.unit_price_amount,

        -- dates and timestamps
        cart_products.last_added_at,
        cart_products.last_added_date
    from cart_products
    left join ordered_products
        on
            cart_products.customer_id = ordered_products.customer_id
            and cart_products.product_id = ordered_products.product_id
    left join products
        on cart_products.product_id = products.product_id
    where
        cart_products.last_added_at is not null
        and coalesce(cart_products.last_removed_at < cart_products.last_added_at, true)
        and coalesce(ordered_products.last_ordered_at < cart_products.last_added_at, true)
        and coalesce(ordered_products.last_ordered_date < cart_products.last_added_date, true)
)

select * from final
