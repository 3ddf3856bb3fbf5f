{% macro percent_text(share) -%}
    {#- A share from 0 to 1 as a text of whole percent, 92 %. -#}
    cast(cast(round(cast(100 * ({{ share }}) as decimal(18, 4)), 0) as decimal(18, 0)) as string) || ' %'
{%- endmacro %}
