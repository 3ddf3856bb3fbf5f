{% macro date_of_digits(digits) -%}
    {#- The date that eight digits say (19900131); null where there is no such day. -#}
    try_cast(
        substr({{ digits }}, 1, 4) || '-' || substr({{ digits }}, 5, 2) || '-' || substr({{ digits }}, 7, 2) as date
    )
{%- endmacro %}
