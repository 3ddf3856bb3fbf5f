{% macro days_between(start_date, end_date) %}
    {#- Whole days from the first date to the second, as an integer; negative where the second is earlier. -#}
    {{ return(adapter.dispatch('days_between')(start_date, end_date)) }}
{% endmacro %}

{% macro default__days_between(start_date, end_date) -%}
    cast(date_diff('day', {{ start_date }}, {{ end_date }}) as integer)
{%- endmacro %}

{% macro spark__days_between(start_date, end_date) -%}
    cast(datediff({{ end_date }}, {{ start_date }}) as integer)
{%- endmacro %}
