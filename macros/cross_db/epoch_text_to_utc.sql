{% macro epoch_text_to_utc(text) %}
    {#- Microseconds since 1970, written as a text of digits, as a naive timestamp in UTC; null where it is none. -#}
    {{ return(adapter.dispatch('epoch_text_to_utc')(text)) }}
{% endmacro %}

{% macro default__epoch_text_to_utc(text) -%}
    make_timestamp(try_cast({{ text }} as bigint))
{%- endmacro %}

{% macro spark__epoch_text_to_utc(text) -%}
    to_utc_timestamp(timestamp_micros(try_cast({{ text }} as bigint)), current_timezone())
{%- endmacro %}
