with

survived as (select * from {{ ref('int_customer_attributes_survived') }}),

final as (
    select
        -- keys
        customer_id,
        attribute,
        record_id,

        -- attributes
        system,
        survivorship_rule,

        -- measures
        candidates_count,
        values_count,
        conflicts_count,

        -- dates and timestamps
        record_updated_at
    from survived
    -- The rows of a customer lie together, since they are looked up by customer.
    order by customer_id asc nulls last
)

select * from final
