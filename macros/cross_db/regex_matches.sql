{% macro regex_matches(text, pattern) %}
    {#- Whether the pattern occurs anywhere in the text. Write digits as [0-9], no backslash: engines differ in literals. -#}
    {{ return(adapter.dispatch('regex_matches')(text, pattern)) }}
{% endmacro %}

{% macro default__regex_matches(text, pattern) -%}
    regexp_matches({{ text }}, {{ regex_pattern(pattern) }})
{%- endmacro %}

{% macro spark__regex_matches(text, pattern) -%}
    ({{ text }} rlike {{ regex_pattern(pattern) }})
{%- endmacro %}
