{% macro reached_match_level(comparison) -%}
    {#-
        The number of the closest level that a pair, `one` and `other`, reaches in a comparison of match_comparisons(), the
        last one at least; null where the comparison says nothing.
    -#}
    case
        when {{ comparison.unknown }} then null
        {% for level in comparison.levels if level.condition -%}
            when {{ level.condition }} then {{ level.number }}
        {% endfor -%}
        else {{ comparison.levels[-1].number }}
    end
{%- endmacro %}
