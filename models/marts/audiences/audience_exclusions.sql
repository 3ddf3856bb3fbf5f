with

erased as (select * from {{ ref('int_erased_customers_listed') }}),

final as (
    select
        -- keys
        customer_id,

        -- attributes
        'erased account' as reason
    from erased
)

select * from final
