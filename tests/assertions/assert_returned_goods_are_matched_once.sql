with

order_lines as (select * from {{ ref('fct_order_lines') }}),

return_lines as (select * from {{ ref('int_return_lines_listed') }}),

allocations as (select * from {{ ref('int_return_allocations_unioned') }}),

-- The returned value, and where it was allocated: to an order, or to the bucket of unmatched goods.
taken_back as (
    select
        order_key,
        amount_local as returned_amount,
        0 as allocated_amount
    from return_lines

    union all

    select
        return_order_key as order_key,
        0 as returned_amount,
        amount_local as allocated_amount
    from allocations
),

unequal_documents as (
    select
        'return document ' || cast(order_key as string) as subject,
        sum(returned_amount) as left_value,
        sum(allocated_amount) as right_value
    from taken_back
    group by order_key
    having sum(returned_amount) <> sum(allocated_amount)
),

-- The units that allocations take from sale lines are those that sale lines record as returned.
units as (
    select
        returned_quantity,
        0 as allocated_quantity
    from order_lines

    union all

    select
        0 as returned_quantity,
        quantity as allocated_quantity
    from allocations
    where sale_line_key is not null
),

unequal_units as (
    select
        'units of all lines' as subject,
        sum(returned_quantity) as left_value,
        sum(allocated_quantity) as right_value
    from units
    having sum(returned_quantity) <> sum(allocated_quantity)
),

final as (
    select * from unequal_documents
    union all
    select * from unequal_units
)

select * from final
