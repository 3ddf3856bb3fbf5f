{% macro staged_table(concept, system) -%}
    {#- The name under which a system delivers a concept, as SQL: `receipts` for the orders of `pos`. -#}
    case {{ system }}
        {%- for name, model in staged_models(concept).items() %}
        when '{{ name }}' then '{{ model.split("__")[1] }}'
        {%- endfor %}
    end
{%- endmacro %}
