{% macro portrait_facts() %}
    {#- The facts of the seed portrait_facts, the heaviest first, of equal ones the first by name. -#}
    {% set facts = [] %}
    {% for fact, weight, filled_from in read_seed('portrait_facts', ['fact', 'fact_weight', 'filled_from']) %}
        {% do facts.append({'fact': fact, 'weight': weight | float, 'filled_from': filled_from}) %}
    {% endfor %}
    {{ return(facts | sort(attribute='weight', reverse=true)) }}
{% endmacro %}
