{% macro household_weight_column(comparison, level) -%}
    {#-
        The column of int_match_model with what a level of match_comparisons() weighs where the other explanation of a
        pair is two members of one household, in bits.
    -#}
    {{ comparison.name }}_{{ level.name }}_household
{%- endmacro %}
