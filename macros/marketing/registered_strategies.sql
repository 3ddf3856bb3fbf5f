{% macro registered_strategies() %}
    {#- The strategies of the seed strategies by their codes, as the model that calls it is compiled. -#}
    {% set strategies = [] %}
    {% for code, condition in read_seed('strategies', ['strategy_code', 'condition']) %}
        {% do strategies.append({'strategy_code': code, 'condition': condition}) %}
    {% endfor %}
    {{ return(strategies) }}
{% endmacro %}
