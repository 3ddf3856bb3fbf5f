{% macro nfkc(text) %}
    {#- The text in Unicode normalisation form KC: full-width digits become digits, ligatures letters. -#}
    {{ return(adapter.dispatch('nfkc')(text)) }}
{% endmacro %}

{% macro default__nfkc(text) -%}
    portrait_nfkc({{ text }})
{%- endmacro %}

{% macro spark__nfkc(text) -%}
    {#- Spark brings ICU for its collations. A call from Java costs, so plain ASCII goes around it. -#}
    case
        when {{ text }} rlike '[^\\x20-\\x7E]'
            then java_method('com.ibm.icu.text.Normalizer', 'compose', {{ text }}, true)
        else {{ text }}
    end
{%- endmacro %}
