{% macro portrait_gap(facts, part) -%}
    {#- That part of the heaviest fact that is not known in a row; null where all are known. -#}
    {%- if facts %}
        case
            {%- for fact in facts %}
                when {{ fact['fact'] }} is null then '{{ fact[part] | replace("'", "''") }}'
            {%- endfor %}
        end
    {%- else %}
        cast(null as string)
    {%- endif %}
{%- endmacro %}
