{% macro zoned_text_to_utc(text) %}
    {#- A text such as 2026-06-30T12:00:00+08:00 as a naive timestamp in UTC; null where it is none. -#}
    {{ return(adapter.dispatch('zoned_text_to_utc')(text)) }}
{% endmacro %}

{% macro default__zoned_text_to_utc(text) -%}
    timezone('UTC', try_cast({{ text }} as timestamptz))
{%- endmacro %}

{% macro spark__zoned_text_to_utc(text) -%}
    to_utc_timestamp(try_cast({{ text }} as timestamp), current_timezone())
{%- endmacro %}
