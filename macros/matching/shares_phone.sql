{% macro shares_phone(pair) -%}
    {#- Whether a compared pair has one phone number, but for a slip, or as far as a mask shows. -#}
    coalesce({{ pair }}.phone_level >= 1 or {{ pair }}.masked_phone_level = 1, false)
{%- endmacro %}
