{% macro quoted_text(text) %}
    {#- The SQL literal of exactly this text, whatever it holds. -#}
    {{ return(adapter.dispatch('quoted_text')(text)) }}
{% endmacro %}

{% macro default__quoted_text(text) -%}
    '{{ text | replace("'", "''") }}'
{%- endmacro %}

{% macro spark__quoted_text(text) -%}
    {#- A backslash escapes there, and ${name} is a variable, which Spark puts in before it reads the statement. -#}
    '{{ text | replace("\\", "\\\\") | replace("'", "\\'") | replace("$", "\\u0024") }}'
{%- endmacro %}
