{# Concept -> the relation that holds its rows, and which of them a table of the system holds. #}
{% set facts = {
    'customers': ('customer_identities', 'not is_inferred'),
    'orders': ('orders', 'true'),
    'order_lines': ('order_lines', 'true'),
    'payments': ('payments', 'true'),
    'products': ('products', 'not is_inferred'),
    'coupons': ('coupons', 'true'),
    'stores': ('stores', 'not is_inferred'),
    'fees': ('order_costs', 'source_system = system'),
    'organisations': ('organisations', 'not is_inferred'),
} %}
{# What a system delivers as a part of another table is counted where it is staged. #}
{% set landed = ["'ops.order_costs'", "'shop.order_events'"] %}
{% set derived = {} %}
{% set parts = [] %}
{% for concept in facts %}
    {% for system, model in staged_models(concept).items() %}
        {% set table = model.split('__')[1] %}
        {% if table in staged_tables().get(system, []) %}
            {% do landed.append("'" ~ system ~ '.' ~ table ~ "'") %}
        {% else %}
            {% do derived.update({model: (system, table)}) %}
            {% do parts.append("'" ~ system ~ '.' ~ table ~ "'") %}
        {% endif %}
    {% endfor %}
{% endfor %}
with

reconciliation as (select * from {{ ref('reconciliation') }}),

customer_identities as (select * from {{ ref('bridge_customer_identities') }}),

orders as (select * from {{ ref('fct_orders') }}),

order_lines as (select * from {{ ref('fct_order_lines') }}),

payments as (select * from {{ ref('fct_payments') }}),

products as (select * from {{ ref('dim_products') }}),

coupons as (select * from {{ ref('dim_coupons') }}),

stores as (select * from {{ ref('dim_stores') }}),

order_costs as (select * from {{ ref('fct_order_costs') }}),

order_events as (select * from {{ ref('fct_order_events') }}),

organisations as (select * from {{ ref('dim_organisations') }}),

{% for model in derived %}
    {{ model }} as (select * from {{ ref(model) }}),

{% endfor %}
accepted as (
    select
        system,
        subject as table_name,
        rows_count
    from reconciliation
    where
        topic = 'rows_of_landing'
        and bucket = 'accepted'
        and system || '.' || subject in ({{ landed | join(', ') }})

    {% for model, place in derived.items() %}
        union all

        select
            '{{ place[0] }}' as system,
            '{{ place[1] }}' as table_name,
            1 as rows_count
        from {{ model }}

    {% endfor %}
),

-- Accepted rows that are rightly in no fact, of the tables that are counted here. A payment without
-- an order is a fact nevertheless.
outside as (
    select
        system,
        subject as table_name,
        rows_count
    from reconciliation
    where
        topic = 'outside_facts'
        and bucket in (
            'after_as_of_date', 'test_order', 'line_without_order', 'fee_without_order',
            'event_without_order'
        )
        and system || '.' || subject in ({{ (landed + parts) | join(', ') }})
),

facts as (
    {% for concept, (relation, condition) in facts.items() %}
        select
            system,
            {{ staged_table(concept, 'system') }} as table_name
        from {{ relation }}
        where {{ condition }}

        union all

    {% endfor %}
    select
        'ops' as system,
        'order_costs' as table_name
    from order_costs
    where source_system = 'ops'

    union all

    select
        'shop' as system,
        'order_events' as table_name
    from order_events
    where event_source = 'log'
),

counts as (
    select
        system,
        table_name,
        rows_count as accepted_count,
        0 as accounted_count
    from accepted

    union all

    select
        system,
        table_name,
        0 as accepted_count,
        rows_count as accounted_count
    from outside

    union all

    select
        system,
        table_name,
        0 as accepted_count,
        1 as accounted_count
    from facts
),

final as (
    select
        system,
        table_name,
        sum(accepted_count) as accepted_count,
        sum(accounted_count) as accounted_count
    from counts
    group by system, table_name
    having sum(accepted_count) <> sum(accounted_count)
)

select * from final
