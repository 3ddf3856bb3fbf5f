{% macro match_weight_column(comparison, level) -%}
    {#-
        The column of int_match_model with what a level of match_comparisons() weighs: its weight in bits, or the part of
        m where a value's own frequency stands for u.
    -#}
    {{ comparison.name }}_{{ level.name }}_{{ 'log2_m' if level.term else 'weight' }}
{%- endmacro %}
