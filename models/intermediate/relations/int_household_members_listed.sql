with

components as (select * from {{ ref('int_household_components_kept') }}),

sizes as (
    select
        component_key,
        count(*) as customers_count
    from components
    group by component_key
),

-- What is still too large is no household, whatever it is.
final as (
    select
        -- keys
        components.node_key as customer_id,
        {{ household_id('components.component_key') }} as household_id,

        -- measures
        sizes.customers_count
    from components
    inner join sizes
        on components.component_key = sizes.component_key
    where sizes.customers_count <= {{ var('household_maximum_customers') }}
)

select * from final
