{% macro shares_phone(pair) -%}
    {#- Whether a compared pair has one phone number, but for a slip, or as far as a mask shows. -#}
    (
        {{ is_at_least_at_level(pair, 'phone', 'slip') }}
        or {{ is_at_level(pair, 'masked_phone', 'equal') }}
    )
{%- endmacro %}
