{% macro chi_square_sum(degrees, x, root) -%}
    {#- The sum that exp(-x / 2) is multiplied with. -#}
    {%- set terms = namespace(list=[], factor=1.0) -%}
    {%- if degrees % 2 == 0 -%}
        {%- for power in range(degrees // 2) -%}
            {%- set terms.factor = terms.factor / (2 * power) if power else 1.0 -%}
            {%- do terms.list.insert(0, terms.factor) -%}
        {%- endfor -%}
        ({{ polynomial(terms.list, x) }})
    {%- else -%}
        {%- for power in range(degrees // 2) -%}
            {%- set terms.factor = terms.factor / (2 * power + 1) -%}
            {%- do terms.list.insert(0, terms.factor) -%}
        {%- endfor -%}
        (0.7978845608028654 * {{ root }} * {{ polynomial(terms.list, x) }})
    {%- endif -%}
{%- endmacro %}
