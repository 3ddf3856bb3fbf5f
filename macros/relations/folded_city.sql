{% macro folded_city(city) -%}
    {#- A city for comparison: folded as names are, and without 市 at its end. -#}
    {{ regex_replace(fold_to_ascii(fold_name(city)), '市$') }}
{%- endmacro %}
