{% macro nfkc(text) %}
    {#- The text in Unicode normalisation form KC: full-width digits become digits, ligatures letters. -#}
    {{ return(adapter.dispatch('nfkc')(text)) }}
{% endmacro %}

{% macro default__nfkc(text) -%}
    portrait_nfkc({{ text }})
{%- endmacro %}
