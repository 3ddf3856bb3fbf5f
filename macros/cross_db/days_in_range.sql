{% macro days_in_range(start_date, end_date, column='date_day') %}
    {#- A select item: one row per day from the first date to the last, both included. -#}
    {{ return(adapter.dispatch('days_in_range')(start_date, end_date, column)) }}
{% endmacro %}

{% macro default__days_in_range(start_date, end_date, column) -%}
    cast(unnest(generate_series({{ start_date }}, {{ end_date }}, interval 1 day)) as date) as {{ column }}
{%- endmacro %}

{% macro spark__days_in_range(start_date, end_date, column) -%}
    explode(
        case when {{ start_date }} <= {{ end_date }} then sequence({{ start_date }}, {{ end_date }}, interval 1 day) end
    ) as {{ column }}
{%- endmacro %}
