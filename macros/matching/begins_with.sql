{% macro begins_with(text, other_text) -%}
    {#- Whether one of two texts begins with the other. -#}
    (
        left({{ text }}, length({{ other_text }})) = {{ other_text }}
        or left({{ other_text }}, length({{ text }})) = {{ text }}
    )
{%- endmacro %}
