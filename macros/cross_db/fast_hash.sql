{% macro fast_hash(text) %}
    {#-
        A 64-bit number from a text by the engine's own hash: for keys that no model hands on, since another engine has
        other numbers. It is some ten times as fast as hash_key.
    -#}
    {{ return(adapter.dispatch('fast_hash')(text)) }}
{% endmacro %}

{% macro default__fast_hash(text) -%}
    hash({{ text }})
{%- endmacro %}

{% macro spark__fast_hash(text) -%}
    xxhash64({{ text }})
{%- endmacro %}
