{% macro has_other_name(pair) -%}
    {#- Whether the names of a compared pair exclude each other: first names, or what is known of Chinese names. -#}
    coalesce(
        {{ pair }}.first_name_level = 0 or {{ pair }}.han_name_level = 0 or {{ pair }}.han_family_name_level = 0, false
    )
{%- endmacro %}
