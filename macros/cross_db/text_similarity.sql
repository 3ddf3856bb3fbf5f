{% macro text_similarity(text, other_text) %}
    {#- Jaro-Winkler similarity from 0 to 1; 0 where a text is not plain ASCII; null where either is. -#}
    {{ return(adapter.dispatch('text_similarity')(text, other_text)) }}
{% endmacro %}

{% macro default__text_similarity(text, other_text) -%}
    {#- Bytes are counted on DuckDB, characters on Spark: the same for ASCII only. -#}
    case
        when {{ is_ascii(text) }} and {{ is_ascii(other_text) }}
            then jaro_winkler_similarity({{ text }}, {{ other_text }})
        when {{ text }} is not null and {{ other_text }} is not null then cast(0 as double)
    end
{%- endmacro %}
