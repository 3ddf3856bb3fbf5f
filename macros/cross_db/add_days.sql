{% macro add_days(date, days) %}
    {#- The date that many days later (an expression; negative for earlier), as a date. -#}
    {{ return(adapter.dispatch('add_days')(date, days)) }}
{% endmacro %}

{% macro default__add_days(date, days) -%}
    cast({{ date }} + cast({{ days }} as integer) as date)
{%- endmacro %}

{% macro spark__add_days(date, days) -%}
    date_add({{ date }}, cast({{ days }} as integer))
{%- endmacro %}
