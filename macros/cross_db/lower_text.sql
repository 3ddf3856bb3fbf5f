{% macro lower_text(text) %}
    {#- The text in lower case, letter by letter: whatever is next to it, Σ becomes σ, and İ an i without a mark. -#}
    {{ return(adapter.dispatch('lower_text')(text)) }}
{% endmacro %}

{% macro default__lower_text(text) -%}
    lower({{ text }})
{%- endmacro %}

{% macro spark__lower_text(text) -%}
    {#- Spark writes Σ at the end of a word as ς, and İ as i with a dot above. -#}
    lower(translate({{ text }}, 'İΣ', 'iσ'))
{%- endmacro %}
