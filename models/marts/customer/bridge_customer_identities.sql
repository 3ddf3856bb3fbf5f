with

records as (select * from {{ ref('int_records_clustered') }}),

final as (
    select
        -- keys
        record_id,
        customer_id,
        system,
        native_customer_id,

        -- attributes
        match_rule,
        evidence,

        -- measures
        match_weight,

        -- flags
        is_anchor,
        is_inferred,

        -- dates and timestamps
        first_seen_at
    from records
)

select * from final
