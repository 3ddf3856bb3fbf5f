{% macro regex_replace(text, pattern, replacement='') %}
    {#- Replaces every occurrence (DuckDB's own default is the first only). Groups in the replacement: {1}, {2}, … -#}
    {{ return(adapter.dispatch('regex_replace')(text, pattern, replacement)) }}
{% endmacro %}

{% macro default__regex_replace(text, pattern, replacement) -%}
    regexp_replace({{ text }}, {{ regex_pattern(pattern) }}, '{{ replacement | replace("{", "\\") | replace("}", "") }}', 'g')
{%- endmacro %}

{% macro spark__regex_replace(text, pattern, replacement) -%}
    regexp_replace(
        {{ text }}, {{ regex_pattern(pattern) }}, '{{ replacement | replace("{", "$") | replace("}", "") }}'
    )
{%- endmacro %}
