{% macro name_of_parts(first_name, last_name) -%}
    {#- A full name of its parts, as its script has it: 欧阳娜, Ada King. Null without any part. -#}
    case
        when {{ is_han_name(last_name ~ ' || ' ~ first_name) }} then {{ last_name }} || {{ first_name }}
        else nullif(concat_ws(' ', {{ first_name }}, {{ last_name }}), '')
    end
{%- endmacro %}
