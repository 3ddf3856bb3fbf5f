{% macro iso_weekday(date) %}
    {#- Day of the week by ISO 8601: 1 is Monday, 7 is Sunday. -#}
    {{ return(adapter.dispatch('iso_weekday')(date)) }}
{% endmacro %}

{% macro default__iso_weekday(date) -%}
    cast(isodow({{ date }}) as integer)
{%- endmacro %}

{% macro spark__iso_weekday(date) -%}
    cast(weekday({{ date }}) + 1 as integer)
{%- endmacro %}
