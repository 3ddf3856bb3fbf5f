with

source_records as (select * from {{ ref('int_source_records_unioned') }}),

aliases as (select * from {{ ref('customer_id_aliases') }}),

customers as (select * from {{ ref('dim_customers') }}),

current_aliases as (
    select
        alias_customer_id,
        customer_id
    from aliases
    where is_current
),

final as (
    select source_records.potential_customer_id as finding
    from source_records
    left join aliases
        on source_records.potential_customer_id = aliases.alias_customer_id
    where aliases.alias_customer_id is null

    union all

    -- each customer has one id, and it is its own
    select customers.customer_id as finding
    from customers
    left join current_aliases
        on customers.customer_id = current_aliases.customer_id
    group by customers.customer_id
    having
        count(current_aliases.alias_customer_id) <> 1
        or max(current_aliases.alias_customer_id) <> customers.customer_id
)

select * from final
