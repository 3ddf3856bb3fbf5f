{% macro match_evidence(pair, model) -%}
    {#-
        What a compared pair says for one person against two strangers, in bits, without the prior: the sum of the weights
        of its levels.
    -#}
    0
    {%- for comparison in match_comparisons() %}
        + {{ match_weight(pair, model, comparison) }}
    {%- endfor %}
{%- endmacro %}

{% macro match_weight(pair, model, comparison) -%}
    {#- What a compared pair weighs by one comparison of match_comparisons(); 0 where it says nothing. -#}
    case {{ pair }}.{{ comparison.name }}_level
        {% for level in comparison.levels -%}
            when {{ level.number }}
                then {{ model }}.{{ match_weight_column(comparison, level) }}
                {%- if level.term %}
                    {#- the value's own frequency replaces u #} - log2({{ pair }}.{{ level.term }}_share)
                {%- endif %}
        {% endfor -%}
        else 0
    end
{%- endmacro %}

{% macro household_evidence(pair, model) -%}
    {#-
        What a compared pair says for one person against two of one household, in bits, without the prior. Members of a
        household share a value at least as often as strangers do.
    -#}
    0
    {%- for comparison in match_comparisons() %}
        + case {{ pair }}.{{ comparison.name }}_level
            {% for level in comparison.levels -%}
                when {{ level.number }}
                    then
                        {%- if level.term %}
                            least(
                                {{ model }}.{{ household_weight_column(comparison, level) }},
                                {{ model }}.{{ match_weight_column(comparison, level) }}
                                - log2({{ pair }}.{{ level.term }}_share)
                            )
                        {%- else %} {{ model }}.{{ household_weight_column(comparison, level) }}
                        {%- endif %}
            {% endfor -%}
            else 0
        end
    {%- endfor %}
{%- endmacro %}
