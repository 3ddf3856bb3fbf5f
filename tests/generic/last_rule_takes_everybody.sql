{#
    The rows are rules that are tried in the order of `priority`. `conditions` are the columns of their conditions; an
    empty column is no condition. The last rule has no condition at all, so that it takes everybody who remains. No
    other rule is without a condition, since the rules after it would never be reached. `names` are values of
    `name_column`: there must be a rule for each. Each failing row is a sentence.
#}
{% test last_rule_takes_everybody(model, priority, conditions, name_column, names=[]) %}

with

rules as (
    select
        {{ name_column }} as rule_name,
        {{ priority }} as priority,
        {% for condition in conditions %}
            {{ condition }} is null{% if not loop.last %} and {% endif %}
        {% endfor %} as takes_everybody,
        row_number() over (
            order by {{ priority }} desc nulls last, {{ name_column }} asc nulls last
        ) as rank_from_last
    from {{ model }}
),

totals as (
    select count(case when takes_everybody then 1 end) as taking_everybody_count
    from rules
),

required as (
    select cast(null as string) as rule_name
    {% for name in names %}
        union all

        select '{{ name }}' as rule_name
    {% endfor %}
),

findings as (
    select 'no rule without a condition takes what remains' as finding
    from totals
    where taking_everybody_count = 0

    union all

    select 'the rules after ' || rule_name || ' wait for nobody' as finding
    from rules
    where
        takes_everybody
        and rank_from_last > 1

    union all

    select required.rule_name || ' is not defined' as finding
    from required
    left join rules
        on required.rule_name = rules.rule_name
    where
        required.rule_name is not null
        and rules.rule_name is null
)

select finding
from findings

{% endtest %}
