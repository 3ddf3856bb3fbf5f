{% set rules = {
    'behaviour_segments': ['minimum_paid_orders_365d', 'minimum_visit_days_30d'],
    'loyalty_groups': [
        'minimum_paid_orders', 'maximum_paid_orders',
        'minimum_paid_orders_30d', 'maximum_paid_orders_30d',
        'minimum_recommendations', 'maximum_recommendations',
        'minimum_goodwill_signs', 'maximum_goodwill_signs',
        'minimum_product_views_30d', 'maximum_product_views_30d',
        'minimum_cart_adds_30d', 'maximum_cart_adds_30d',
    ],
} %}
with

behaviour_segments as (select * from {{ ref('behaviour_segments') }}),

loyalty_groups as (select * from {{ ref('loyalty_groups') }}),

rules as (
    {% for seed, conditions in rules.items() %}
        select
            '{{ seed }}' as seed_name,
            priority,
            {% for condition in conditions %}
                {{ condition }} is null
                {%- if not loop.last %} and {% endif %}
            {% endfor %} as takes_everybody
        from {{ seed }}
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

-- One row per seed, also for an empty one.
seed_names as (
    {% for seed in rules %}
        select '{{ seed }}' as seed_name
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

required as (
    {% for group in ['loyal', 'potential', 'hesitant'] %}
        select '{{ group }}' as loyalty_group
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

final as (
    select seed_names.seed_name || ': no row without a condition takes what remains' as finding
    from seed_names
    left join rules
        on
            seed_names.seed_name = rules.seed_name
            and rules.takes_everybody
    where rules.seed_name is null

    union all

    select
        later.seed_name || ': the row of priority ' || cast(later.priority as string)
        || ' comes after one that takes everybody' as finding
    from rules
    inner join rules as later
        on
            rules.seed_name = later.seed_name
            and rules.priority < later.priority
    where rules.takes_everybody

    union all

    select 'loyalty_groups: ' || required.loyalty_group || ' is not defined' as finding
    from required
    left join loyalty_groups
        on required.loyalty_group = loyalty_groups.loyalty_group
    where loyalty_groups.loyalty_group is null
)

select * from final
