{% macro log1p(value) %}
    {#- ln(1 + value) with all its digits where the value is near zero, for values above -1 and below 1e6. -#}
    {{ return(adapter.dispatch('log1p')(value)) }}
{% endmacro %}

{% macro default__log1p(value) -%}
    {#- DuckDB has no log1p; the identity costs less than a case for small values. -#}
    (2 * atanh(({{ value }}) / (2 + {{ value }})))
{%- endmacro %}

{% macro spark__log1p(value) -%}
    log1p({{ value }})
{%- endmacro %}
