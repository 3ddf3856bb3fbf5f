{% macro edit_distance(text, other_text) %}
    {#-
        How many letters have to be changed, put in or taken out; the greater length where a text is not plain ASCII; null
        where either is.
    -#}
    {{ return(adapter.dispatch('edit_distance')(text, other_text)) }}
{% endmacro %}

{% macro default__edit_distance(text, other_text) -%}
    {#- Bytes are counted on DuckDB, characters on Spark: the same for ASCII only. -#}
    case
        when {{ is_ascii(text) }} and {{ is_ascii(other_text) }} then levenshtein({{ text }}, {{ other_text }})
        when length({{ text }}) >= length({{ other_text }}) then length({{ text }})
        when length({{ text }}) < length({{ other_text }}) then length({{ other_text }})
    end
{%- endmacro %}
