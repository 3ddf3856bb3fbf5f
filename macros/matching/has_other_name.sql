{% macro has_other_name(pair) -%}
    {#- Whether the names of a compared pair exclude each other: first names, or what is known of Chinese names. -#}
    (
        {{ is_at_level(pair, 'first_name', ['two_names', 'other_name', 'different']) }}
        or {{ is_at_level(pair, 'han_name', 'different') }}
        or {{ is_at_level(pair, 'han_family_name', 'different') }}
    )
{%- endmacro %}
