with

pairs as (select * from {{ ref('int_household_pairs_judged') }}),

components as (select * from {{ ref('int_household_components_found') }}),

sizes as (
    select
        component_key,
        count(*) as customers_count
    from components
    group by component_key
),

final as (
    select
        -- keys
        pairs.customer_id,
        pairs.related_customer_id,

        -- measures
        sizes.customers_count
    from pairs
    inner join components
        on pairs.customer_id = components.node_key
    inner join sizes
        on components.component_key = sizes.component_key
    where
        pairs.is_household
        and (
            sizes.customers_count <= {{ var('household_maximum_customers') }}
            or pairs.confidence_pct >= {{ var('household_strong_pct') }}
        )
)

select * from final
