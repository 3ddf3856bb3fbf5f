{% macro is_closer_than_level(pair, comparison, level) -%}
    {#- Whether a compared pair is closer than this level of a comparison; false where the comparison says nothing. -#}
    coalesce({{ pair }}.{{ comparison }}_level > {{ match_level(comparison, level) }}, false)
{%- endmacro %}
