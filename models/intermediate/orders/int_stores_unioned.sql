{% set systems = staged_models('stores') %}
with

{% for system, model in systems.items() %}
    {{ system }}_stores as (select * from {{ ref(model) }}),

{% endfor %}
orders as (select * from {{ ref('int_orders_seen') }}),

listed as (
    {% for system in systems %}
        select
            '{{ system }}:' || native_store_id as store_id,
            '{{ system }}' as system,
            native_store_id,
            store_name,
            country_code,
            region,
            city,
            opened_date
        from {{ system }}_stores
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

-- Stores that are named by an order only.
inferred as (
    select
        orders.store_id,
        orders.system
    from orders
    left join listed
        on orders.store_id = listed.store_id
    where
        orders.store_id is not null
        and listed.store_id is null
    group by orders.store_id, orders.system
),

final as (
    select
        -- keys
        store_id,
        system,
        native_store_id,

        -- attributes
        store_name,
        country_code,
        region,
        city,

        -- flags
        false as is_inferred,

        -- dates and timestamps
        opened_date
    from listed

    union all

    select
        store_id,
        system,
        substr(store_id, length(system) + 2) as native_store_id,
        cast(null as string) as store_name,
        cast(null as string) as country_code,
        cast(null as string) as region,
        cast(null as string) as city,
        true as is_inferred,
        cast(null as date) as opened_date
    from inferred
)

select * from final
