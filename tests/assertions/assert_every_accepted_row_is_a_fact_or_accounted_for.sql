with

reconciliation as (select * from {{ ref('reconciliation') }}),

customer_identities as (select * from {{ ref('bridge_customer_identities') }}),

orders as (select * from {{ ref('fct_orders') }}),

order_lines as (select * from {{ ref('fct_order_lines') }}),

payments as (select * from {{ ref('fct_payments') }}),

products as (select * from {{ ref('dim_products') }}),

accepted as (
    select
        system,
        subject as table_name,
        row_count
    from reconciliation
    where
        topic = 'rows_of_landing'
        and bucket = 'accepted'
),

-- Accepted, and rightly in no fact. A payment without an order is a fact all the same.
outside as (
    select
        system,
        subject as table_name,
        row_count
    from reconciliation
    where
        topic = 'outside_facts'
        and bucket in ('after_as_of_date', 'line_without_order')
),

facts as (
    select
        system,
        'customers' as table_name
    from customer_identities
    where not is_inferred

    union all

    select
        system,
        'orders' as table_name
    from orders

    union all

    select
        system,
        'order_items' as table_name
    from order_lines

    union all

    select
        system,
        'payments' as table_name
    from payments

    union all

    select
        system,
        'products' as table_name
    from products
    where not is_inferred
),

counts as (
    select
        system,
        table_name,
        row_count as accepted_count,
        0 as accounted_count
    from accepted
    where table_name in ('customers', 'orders', 'order_items', 'payments', 'products')

    union all

    select
        system,
        table_name,
        0 as accepted_count,
        row_count as accounted_count
    from outside

    union all

    select
        system,
        table_name,
        0 as accepted_count,
        1 as accounted_count
    from facts
),

final as (
    select
        system,
        table_name,
        sum(accepted_count) as accepted_count,
        sum(accounted_count) as accounted_count
    from counts
    group by system, table_name
    having sum(accepted_count) <> sum(accounted_count)
)

select * from final
