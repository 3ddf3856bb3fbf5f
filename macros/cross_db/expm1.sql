{% macro expm1(value) %}
    {#- exp(value) - 1 with all its digits where the value is near zero, for values up to 20. -#}
    {{ return(adapter.dispatch('expm1')(value)) }}
{% endmacro %}

{% macro default__expm1(value) -%}
    {#- DuckDB has no expm1; the identity costs less than a case for small values. -#}
    (2 * tanh(0.5 * ({{ value }})) / (1 - tanh(0.5 * ({{ value }}))))
{%- endmacro %}

{% macro spark__expm1(value) -%}
    expm1({{ value }})
{%- endmacro %}
