{% macro parse_boolean(text) -%}
    {#- True or false from a usual word; null for any other text. -#}
    case
        when lower({{ text }}) in ('true', 't', 'yes', 'y', '1', '是') then true
        when lower({{ text }}) in ('false', 'f', 'no', 'n', '0', '否') then false
    end
{%- endmacro %}
