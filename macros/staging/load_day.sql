{% macro load_day(load_date) -%}
    {#- A load date for taking the first of several: a row without one may always have been there. -#}
    coalesce({{ load_date }}, cast('1900-01-01' as date))
{%- endmacro %}
