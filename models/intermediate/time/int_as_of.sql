with

shop_orders as (select * from {{ ref('stg_shop__orders') }}),

latest as (
    select max(ordered_date) as latest_date
    from shop_orders
),

final as (
    select
        {% if setting('as_of') %}
            cast('{{ setting("as_of") }}' as date) as as_of_date,
            true as is_given
        {% else %}
            coalesce(latest_date, {{ run_date() }}) as as_of_date,
            false as is_given
        {% endif %}
    from latest
)

select * from final
