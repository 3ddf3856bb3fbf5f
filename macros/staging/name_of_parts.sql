{% macro name_of_parts(first_name, last_name) -%}
    {#- The full name made of its parts, in the order of its script: 欧阳娜, Ada King. Null without any part. -#}
    case
        when
            {{ is_han_name(last_name ~ ' || ' ~ first_name) }}
            or {{ is_hangul_name(last_name ~ ' || ' ~ first_name) }}
            then {{ last_name }} || {{ first_name }}
        else nullif(concat_ws(' ', {{ first_name }}, {{ last_name }}), '')
    end
{%- endmacro %}
