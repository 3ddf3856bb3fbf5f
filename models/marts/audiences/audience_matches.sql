with

-- What no audience reads in a build stays unused in it.
-- noqa: disable=ST03
portraits as (select * from {{ ref('customer_portrait') }}),

tag_flags as (select * from {{ ref('customer_tag_flags') }}),

orders as (select * from {{ ref('fct_orders') }}),

lines as (select * from {{ ref('fct_order_lines') }}),

products as (select * from {{ ref('dim_products') }}),

sessions as (select * from {{ ref('fct_sessions') }}),

active_days as (select * from {{ ref('fct_customer_daily_activity') }}),

tickets as (select * from {{ ref('fct_tickets') }}),

reviews as (select * from {{ ref('fct_reviews') }}),

interactions as (select * from {{ ref('fct_interactions') }}),

definitions as (select * from {{ ref('int_audiences_defined') }}),

exclusions as (select * from {{ ref('audience_exclusions') }}),

as_of as (
    select max(as_of_date) as as_of_date
    from portraits
),

order_lines as (
    select
        lines.*,
        products.category,
        products.subcategory,
        products.brand
    from lines
    left join products
        on lines.product_id = products.product_id
),

{% for step in audience_steps() %}
    {{ step['name'] }} as (
        {{ step['sql'] }}
    ),

{% endfor %}
allowed as (
    select
        matched.audience,
        matched.customer_id,
        definitions.exclusive_group,
        definitions.priority
    from matched
    inner join definitions
        on matched.audience = definitions.audience
    left join exclusions
        on matched.customer_id = exclusions.customer_id
    where exclusions.customer_id is null
),

-- The audience of each group that a customer is in: the one that goes first.
ranked as (
    select
        *,
        first_value(audience) over (
            partition by customer_id, exclusive_group
            order by priority asc nulls last, audience asc nulls last
        ) as first_audience
    from allowed
),

final as (
    select
        -- keys
        audience,
        customer_id,

        -- attributes
        case
            when exclusive_group is not null and first_audience <> audience then first_audience
        end as taken_by_audience,

        -- flags
        exclusive_group is null or first_audience = audience as is_member
    from ranked
)

select * from final
