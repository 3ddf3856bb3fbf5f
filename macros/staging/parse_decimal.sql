{% macro parse_decimal(text, type='decimal(18, 4)', point="'.?'", signed=none) -%}
    {#- A number from a cleaned text in the notations of number_text; null where the text is no number, or may be two. -#}
    try_cast({{ number_text(text, point, signed) }} as {{ type }})
{%- endmacro %}
