{% macro load_day(load_date) -%}
    {#- A load date as a day of which the least is taken; a row without one may always have been there, and comes first. -#}
    coalesce({{ load_date }}, cast('1900-01-01' as date))
{%- endmacro %}
