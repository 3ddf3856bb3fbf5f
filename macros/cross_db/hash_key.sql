{% macro hash_key(text) %}
    {#- A 60-bit integer from a text: the first 15 hex digits of its MD5, the same number on every engine. -#}
    {{ return(adapter.dispatch('hash_key')(text)) }}
{% endmacro %}

{% macro default__hash_key(text) -%}
    cast('0x' || substr(md5({{ text }}), 1, 15) as bigint)
{%- endmacro %}

{% macro spark__hash_key(text) -%}
    cast(conv(substr(md5({{ text }}), 1, 15), 16, 10) as bigint)
{%- endmacro %}
