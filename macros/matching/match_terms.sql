{% macro match_terms() %}
    {#- The columns of int_match_records whose values' own frequency is used instead of u in some level, in order. -#}
    {%- set terms = [] -%}
    {%- for comparison in match_comparisons() -%}
        {%- for level in comparison.levels if level.term and level.term not in terms -%}
            {%- do terms.append(level.term) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(terms) }}
{% endmacro %}
