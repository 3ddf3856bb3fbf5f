{% macro parse_decimal(text, type='decimal(18, 4)') -%}
    {#- A number from a cleaned text, with or without thousands commas; null where the text is no number. -#}
    try_cast(
        case
            when {{ regex_matches(text, '^[+-]?[0-9]{1,3}(,[0-9]{3})+([.][0-9]+)?$') }} then replace({{ text }}, ',', '')
            when {{ regex_matches(text, '^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?$') }} then {{ text }}
        end as {{ type }}
    )
{%- endmacro %}
