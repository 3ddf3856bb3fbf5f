{% macro match_level(comparison, level) -%}
    {#-
        The number of a level, by the name of its comparison and its own name. Models name levels and never write a number,
        so that a level that is added changes no other one.
    -#}
    {%- set comparisons = match_comparisons() | selectattr('name', 'equalto', comparison) | list -%}
    {%- set levels = comparisons[0].levels | selectattr('name', 'equalto', level) | list if comparisons else [] -%}
    {%- if not levels -%}
        {{ exceptions.raise_compiler_error(
            "match_comparisons() has no comparison '" ~ comparison ~ "' with a level '" ~ level ~ "'."
        ) }}
    {%- endif -%}
    {{ return(levels[0].number) }}
{%- endmacro %}
