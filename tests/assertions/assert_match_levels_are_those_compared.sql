with

levels as (select * from {{ ref('match_levels') }}),

compared as (
    {% for comparison in match_comparisons() %}
        {% set outer_loop = loop %}
        {% for level in comparison.levels %}
            select
                '{{ comparison.name }}' as comparison,
                '{{ level.name }}' as level_name
            {% if not (outer_loop.last and loop.last) %}
                union all
            {% endif %}
        {% endfor %}
    {% endfor %}
),

-- Without a weight, a pair would have no score and would be lost.
unmatched as (
    select
        coalesce(levels.comparison, compared.comparison) as comparison,
        coalesce(levels.level_name, compared.level_name) as problem
    from levels
    full outer join compared
        on
            levels.comparison = compared.comparison
            and levels.level_name = compared.level_name
    where
        levels.comparison is null
        or compared.comparison is null
),

unbalanced as (
    select
        comparison,
        'the probabilities do not add up to 1' as problem
    from levels
    group by comparison
    having
        abs(sum(m_probability) - 1) > 0.0001
        or abs(sum(u_probability) - 1) > 0.0001
        or abs(sum(household_probability) - 1) > 0.0001
),

final as (
    select
        comparison,
        problem
    from unmatched

    union all

    select
        comparison,
        problem
    from unbalanced
)

select * from final
