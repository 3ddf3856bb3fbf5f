{% macro match_level(comparison) -%}
    {#- The level that a pair, `one` and `other`, reaches in a comparison of match_comparisons(): the closest; 0 at least. -#}
    case
        when {{ comparison.unknown }} then null
        {% for level in comparison.levels if level.condition -%}
            when {{ level.condition }} then {{ comparison.levels | length - loop.index }}
        {% endfor -%}
        else 0
    end
{%- endmacro %}
