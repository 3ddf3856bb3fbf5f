{% macro text_similarity(text, other_text) %}
    {#-
        Jaro-Winkler similarity from 0 to 1, where a common beginning counts above 0.7; 0 where a text is not plain ASCII;
        null where either is.
    -#}
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

{% macro spark__text_similarity(text, other_text) -%}
    {#- On Spark a common beginning counts whatever the rest is like, so that it is taken off again up to 0.7. -#}
    {%- set similarity = 'jaro_winkler_similarity(' ~ text ~ ', ' ~ other_text ~ ')' -%}
    {%- set beginning -%}
        case
            {% for letters in [4, 3, 2, 1] -%}
                when left({{ text }}, {{ letters }}) = left({{ other_text }}, {{ letters }}) then 0.{{ letters }}
            {% endfor -%}
            else 0.0
        end
    {%- endset -%}
    case
        when length({{ text }}) * length({{ other_text }}) = 0 then cast(0 as double)
        when {{ is_ascii(text) }} and {{ is_ascii(other_text) }}
            then
                case
                    when {{ similarity }} >= 0.7 + 0.3 * {{ beginning }} - 1e-9 then {{ similarity }}
                    else {{ divide(similarity ~ ' - ' ~ beginning, '1 - ' ~ beginning) }}
                end
        when {{ text }} is not null and {{ other_text }} is not null then cast(0 as double)
    end
{%- endmacro %}
