with

as_of as (select * from {{ ref('int_as_of') }}),

orders as (select * from {{ ref('int_orders_unioned') }}),

payments as (select * from {{ ref('int_payments_unioned') }}),

test_orders as (
    select
        system,
        native_order_id
    from orders
    where is_test
),

-- What was paid for a test order is no payment.
final as (
    select payments.*
    from payments
    inner join as_of
        on payments.paid_date <= as_of.as_of_date
    left join test_orders
        on
            payments.system = test_orders.system
            and payments.native_order_id = test_orders.native_order_id
    where test_orders.native_order_id is null
)

select * from final
