{% macro quarter_hour(timestamp) %}
    {#- The number of the quarter of an hour since 1970 that a timestamp lies in. -#}
    {{ return(adapter.dispatch('quarter_hour')(timestamp)) }}
{% endmacro %}

{% macro default__quarter_hour(timestamp) -%}
    epoch_us({{ timestamp }}) // 900000000
{%- endmacro %}

{% macro spark__quarter_hour(timestamp) -%}
    unix_micros({{ timestamp }}) div 900000000
{%- endmacro %}
