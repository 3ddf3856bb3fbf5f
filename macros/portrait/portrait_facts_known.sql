{% macro portrait_facts_known(facts) -%}
    {#- The sum of the weights of the facts that are known in a row. -#}
    cast(0 as double)
    {%- for fact in facts %}
        + case when {{ fact['fact'] }} is null then 0 else cast({{ fact['weight'] }} as double) end
    {%- endfor %}
{%- endmacro %}
